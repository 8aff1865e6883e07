"""Machine work: collect, triage, prioritise; each can be killed at any line and run again."""
