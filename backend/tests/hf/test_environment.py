"""What the environment says about the Hub becomes settings, or one clear error."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_library.config import HUB_ENDPOINT, NetworkSettings
from model_library.errors import InvalidValueError
from model_library.hf.environment import OFFLINE_VARIABLES, network_settings

OURS = "hf_ours"
OTHER = "hf_other"


def settings_of(tmp_path: Path, **variables: str) -> NetworkSettings:
    return network_settings({"HOME": str(tmp_path), **variables})


def test_nothing_set_is_the_public_hub_without_a_token(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert settings.endpoint == HUB_ENDPOINT
    assert settings.token is None
    assert not settings.offline
    assert settings.proxy is None
    assert settings.no_proxy == ()
    assert settings.ca_file is None
    assert settings.hub_cache == tmp_path / ".cache/huggingface/hub"


@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_a_token_comes_from_a_variable(tmp_path: Path, name: str) -> None:
    assert settings_of(tmp_path, **{name: f" {OURS} \n"}).token == OURS


def test_the_token_of_a_login_is_found_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf/token").write_text(f"{OURS}\n")
    assert settings_of(tmp_path, HF_HOME="~/hf").token == OURS
    named = {"HF_TOKEN_PATH": "$HOME/hf/token"}
    assert settings_of(tmp_path, **named).token == OURS
    assert settings_of(tmp_path, HF_HOME="~/hf", HF_TOKEN=OTHER).token == OTHER


def test_an_implicit_token_can_be_forbidden(tmp_path: Path) -> None:
    forbidden = {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}
    assert settings_of(tmp_path, HF_TOKEN=OURS, **forbidden).token is None


@pytest.mark.parametrize("token", ["hf_a\nb", "hf_ä", "hf a", "hf_\x7f", "h" * 5000])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(tmp_path: Path, token: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        settings_of(tmp_path, HF_TOKEN=token)
    assert "HF_TOKEN" in refused.value.message
    assert token not in str(refused.value.to_json())


def test_a_token_file_with_two_lines_or_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    for content in (b"hf_a\nhf_b\n", b"\xff\xfe\x00h", b"x" * 100_000):
        file.write_bytes(content)
        with pytest.raises(InvalidValueError, match="token"):
            settings_of(tmp_path, HF_TOKEN_PATH=str(file))


def test_a_token_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "token").mkdir()
    with pytest.raises(InvalidValueError, match="cannot be read") as refused:
        settings_of(tmp_path, HF_TOKEN_PATH=str(tmp_path / "token"))
    assert refused.value.path == str(tmp_path / "token")


def test_a_mirror_is_an_origin_without_its_slash(tmp_path: Path) -> None:
    assert (
        settings_of(tmp_path, HF_ENDPOINT="https://Hub.example/").endpoint == "https://hub.example"
    )
    assert (
        settings_of(tmp_path, HF_ENDPOINT="http://127.0.0.1:8080").endpoint
        == "http://127.0.0.1:8080"
    )
    assert settings_of(tmp_path, HF_ENDPOINT="http://[::1]:80").endpoint == "http://[::1]:80"


@pytest.mark.parametrize(
    "endpoint",
    [
        "hub.example",
        "ftp://hub.example",
        "https://",
        "https://user:secret@hub.example",
        "https://hub.example/path",
        "https://hub.example?x=1",
        "https://hub.example:0",
        "https://hub.example:99999",
        "https://[::1",
        "https://hüb.example",
        "https://hub example",
    ],
)
def test_an_endpoint_that_is_no_origin_is_refused(tmp_path: Path, endpoint: str) -> None:
    with pytest.raises(InvalidValueError, match="HF_ENDPOINT") as refused:
        settings_of(tmp_path, HF_ENDPOINT=endpoint)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("value", ["1", "true", "Yes", "ON"])
@pytest.mark.parametrize("name", OFFLINE_VARIABLES)
def test_offline_is_a_variable_or_the_option(tmp_path: Path, name: str, value: str) -> None:
    assert settings_of(tmp_path, **{name: value}).offline_by == name
    assert settings_of(tmp_path, **{name: value}).offline
    assert not settings_of(tmp_path, **{name: "0"}).offline
    assert network_settings({"HOME": str(tmp_path)}, offline=True).offline


def test_the_cache_of_huggingface_hub_is_where_its_variables_say(tmp_path: Path) -> None:
    assert settings_of(tmp_path, HF_HOME="/hf").hub_cache == Path("/hf/hub")
    assert settings_of(tmp_path, HF_HOME="/hf", HF_HUB_CACHE="~/c").hub_cache == tmp_path / "c"
    assert settings_of(tmp_path, XDG_CACHE_HOME="/x").hub_cache == Path("/x/huggingface/hub")
    unknown = settings_of(tmp_path, HF_HUB_CACHE="~nobody-of-that-name/c").hub_cache
    assert unknown == Path("~nobody-of-that-name/c")


def test_certificates_and_proxies_are_found_in_both_cases(tmp_path: Path) -> None:
    assert settings_of(tmp_path, SSL_CERT_FILE="/a", REQUESTS_CA_BUNDLE="/b").ca_file == "/a"
    assert settings_of(tmp_path, REQUESTS_CA_BUNDLE="/b").ca_file == "/b"
    assert settings_of(tmp_path, HTTPS_PROXY="http://p:1").proxy == "http://p:1"
    assert settings_of(tmp_path, https_proxy="p:1", HTTPS_PROXY="http://q:1").proxy == "http://p:1"
    assert settings_of(tmp_path, HTTP_PROXY="http://p:1").proxy is None
    over_http = settings_of(tmp_path, HTTP_PROXY="http://p:1", HF_ENDPOINT="http://mirror")
    assert over_http.proxy == "http://p:1"
    assert settings_of(tmp_path, ALL_PROXY="socks5://p:1").proxy == "socks5://p:1"
    assert settings_of(tmp_path, NO_PROXY="A.example, ,.b").no_proxy == ("a.example", ".b")


@pytest.mark.parametrize("proxy", ["gopher://p", "http://", "http://user:secret@[", "http://p:0"])
def test_a_proxy_that_is_no_address_is_refused(tmp_path: Path, proxy: str) -> None:
    with pytest.raises(InvalidValueError, match="HTTPS_PROXY") as refused:
        settings_of(tmp_path, HTTPS_PROXY=proxy)
    assert "secret" not in str(refused.value)


@given(st.text(max_size=80))
def test_any_endpoint_is_an_origin_or_refused(text: str) -> None:
    try:
        endpoint = network_settings({"HOME": "/nowhere", "HF_ENDPOINT": text}).endpoint
    except InvalidValueError:
        return
    scheme, separator, host = endpoint.partition("://")
    assert scheme in {"http", "https"}
    assert separator
    assert host
    assert not set(host) & set("/?#@ \\")
