"""The pages as a person uses them: Debian's Chromium before the real server on a real library.

How to add a flow: a function in a `test_*.py` of this package that takes `site` (a server, its library and an
HTTP client) and `window` (a page that is open and connected to it).

    def test_a_note_is_kept(site: Site, window: Window) -> None:
        window.go("/")
        window.page.get_by_role("row", name="pixel-art").click()
        ...
        window.sees("My favourite")                      # waits for it
        assert site.get("/models")["total"] == 9         # what the server has

`site` has the sample models of `model_library.samples` and is shared by a module: a module whose tests change
too much of it, or want it empty, overrides the fixture `site` with one of its own (`serving`, or `program` for
one that can be killed). Every test has a browser context of its own. It fails when the page logs an error,
raises one, breaks its content-security policy or asks any other host; `window.expect(pattern)` says which of
these belong to the test. `window.drop(paths)` drops real files, `window.is_accessible()` asks axe, and
`window.picture(name)` keeps docs/images/<name>.png, only when `make screenshots` asks for it.

Find things by their role and name, as a screen reader does, and let Playwright wait; never sleep.
"""
