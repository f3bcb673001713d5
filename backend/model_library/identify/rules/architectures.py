"""Kinds of transformers models by the class that `config.json` names in `architectures`.

One row: the end (or, with a `*` behind, a part) of a class name, the kind, the Hub's pipeline tag.
The first row that fits decides. The names are those of the transformers library.
"""

from __future__ import annotations

from typing import Final

from model_library.taxonomy import Kind

Row = tuple[str, Kind, str]

ARCHITECTURES: Final[tuple[Row, ...]] = (
    # speech and sound
    ("Whisper*", Kind.ASR, "automatic-speech-recognition"),
    ("Moonshine*", Kind.ASR, "automatic-speech-recognition"),
    ("ForSpeechSeq2Seq", Kind.ASR, "automatic-speech-recognition"),
    ("SpeechToText", Kind.ASR, "automatic-speech-recognition"),
    ("Speech2TextForConditionalGeneration", Kind.ASR, "automatic-speech-recognition"),
    ("ForCTC", Kind.ASR, "automatic-speech-recognition"),
    ("ForTDT", Kind.ASR, "automatic-speech-recognition"),
    ("ForRNNT", Kind.ASR, "automatic-speech-recognition"),
    ("ForTextToSpeech", Kind.TTS, "text-to-speech"),
    ("TextToSpeech", Kind.TTS, "text-to-speech"),
    ("VitsModel", Kind.TTS, "text-to-speech"),
    ("Bark*", Kind.TTS, "text-to-speech"),
    ("ParlerTTS*", Kind.TTS, "text-to-speech"),
    ("TTS*", Kind.TTS, "text-to-speech"),
    ("CsmForConditionalGeneration", Kind.TTS, "text-to-speech"),
    ("DiaForConditionalGeneration", Kind.TTS, "text-to-speech"),
    ("Musicgen*", Kind.AUDIO_GEN, "text-to-audio"),
    ("Qwen2AudioForConditionalGeneration", Kind.LLM, "audio-text-to-text"),
    ("VoxtralForConditionalGeneration", Kind.LLM, "audio-text-to-text"),
    ("Omni*", Kind.VLM, "any-to-any"),
    ("ForAudioClassification", Kind.CLASSIFIER, "audio-classification"),
    ("Wav2Vec2Model", Kind.AUDIO_ENCODER, "feature-extraction"),
    ("HubertModel", Kind.AUDIO_ENCODER, "feature-extraction"),
    ("WavLMModel", Kind.AUDIO_ENCODER, "feature-extraction"),
    ("ClapModel", Kind.AUDIO_ENCODER, "zero-shot-audio-classification"),
    ("Clap*", Kind.AUDIO_ENCODER, "feature-extraction"),
    # text encoders and vision encoders
    ("T5EncoderModel", Kind.TEXT_ENCODER, "feature-extraction"),
    ("CLIPTextModel*", Kind.TEXT_ENCODER, "feature-extraction"),
    ("CLIPVisionModel*", Kind.VISION_ENCODER, "image-feature-extraction"),
    ("SiglipVisionModel*", Kind.VISION_ENCODER, "image-feature-extraction"),
    ("Siglip2VisionModel*", Kind.VISION_ENCODER, "image-feature-extraction"),
    ("CLIPModel", Kind.VISION_ENCODER, "zero-shot-image-classification"),
    ("SiglipModel", Kind.VISION_ENCODER, "zero-shot-image-classification"),
    ("Siglip2Model", Kind.VISION_ENCODER, "zero-shot-image-classification"),
    ("ViTModel", Kind.VISION_ENCODER, "image-feature-extraction"),
    ("Dinov2Model", Kind.VISION_ENCODER, "image-feature-extraction"),
    ("DINOv3*", Kind.VISION_ENCODER, "image-feature-extraction"),
    ("ConvNext*Model", Kind.VISION_ENCODER, "image-feature-extraction"),
    # looking at pictures
    ("ForZeroShotObjectDetection", Kind.DETECTOR, "zero-shot-object-detection"),
    ("ForObjectDetection", Kind.DETECTOR, "object-detection"),
    ("ObjectDetection", Kind.DETECTOR, "object-detection"),
    ("ForSemanticSegmentation", Kind.SEGMENTER, "image-segmentation"),
    ("ForUniversalSegmentation", Kind.SEGMENTER, "image-segmentation"),
    ("ForInstanceSegmentation", Kind.SEGMENTER, "image-segmentation"),
    ("ForImageSegmentation", Kind.SEGMENTER, "image-segmentation"),
    ("SamModel", Kind.SEGMENTER, "mask-generation"),
    ("Sam2Model", Kind.SEGMENTER, "mask-generation"),
    ("Sam2VideoModel", Kind.SEGMENTER, "mask-generation"),
    ("ForImageClassification", Kind.CLASSIFIER, "image-classification"),
    ("ForVideoClassification", Kind.CLASSIFIER, "video-classification"),
    ("ForDepthEstimation", Kind.OTHER, "depth-estimation"),
    ("ForImageToImage", Kind.UPSCALER, "image-to-image"),
    ("ForImageSuperResolution", Kind.UPSCALER, "image-to-image"),
    # pictures and text
    ("VisionEncoderDecoderModel", Kind.VLM, "image-to-text"),
    ("InternVL*", Kind.VLM, "image-text-to-text"),
    ("MiniCPMV*", Kind.VLM, "image-text-to-text"),
    ("MiniCPMO*", Kind.VLM, "any-to-any"),
    ("MultiModalityCausalLM", Kind.VLM, "any-to-any"),
    # text
    ("ChatGLM*", Kind.LLM, "text-generation"),
    ("Eagle*", Kind.DRAFT, "text-generation"),
    ("Medusa*", Kind.DRAFT, "text-generation"),
    ("ForTokenClassification", Kind.CLASSIFIER, "token-classification"),
    ("ForQuestionAnswering", Kind.CLASSIFIER, "question-answering"),
    ("ForMultipleChoice", Kind.CLASSIFIER, "multiple-choice"),
    ("ForMaskedLM", Kind.OTHER, "fill-mask"),
    ("ForCausalLM", Kind.LLM, "text-generation"),
    ("LMHeadModel", Kind.LLM, "text-generation"),
    ("MTModel", Kind.LLM, "translation"),
    ("ForConditionalGeneration", Kind.LLM, "text-generation"),
    ("ForVision2Seq", Kind.VLM, "image-text-to-text"),
    ("ForImageTextToText", Kind.VLM, "image-text-to-text"),
    ("ForRetrieval", Kind.EMBEDDING_MODEL, "visual-document-retrieval"),
    ("Model", Kind.EMBEDDING_MODEL, "feature-extraction"),
)

SEQUENCE_CLASSIFIER: Final = "ForSequenceClassification"
"""With one label a reranker, with more a classifier."""

TEXT_TO_TEXT: Final = frozenset({"t5", "mt5", "umt5", "bart", "mbart", "pegasus", "m2m_100", "led"})
"""Model types whose `ForConditionalGeneration` turns text into text."""

PEFT_TASKS: Final = {
    "CAUSAL_LM": "text-generation",
    "SEQ_2_SEQ_LM": "text2text-generation",
    "SEQ_CLS": "text-classification",
    "TOKEN_CLS": "token-classification",
    "QUESTION_ANS": "question-answering",
    "FEATURE_EXTRACTION": "feature-extraction",
}
"""`task_type` of a PEFT adapter: only those of language models have one."""

FAMILY_OF_TYPE: Final = {
    "clip_text_model": "clip",
    "clip_vision_model": "clip",
    "siglip_vision_model": "siglip",
    "siglip2_vision_model": "siglip2",
}
"""Model types that only name a half of a family."""
