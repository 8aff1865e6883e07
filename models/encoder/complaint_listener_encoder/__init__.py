"""Data only: `encoder.onnx` and `vocabulary.txt`, read by `triage.encoder` of complaint-listener."""
