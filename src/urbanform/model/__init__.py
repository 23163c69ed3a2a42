"""The nouns: roles, submissions, rules, measurements, findings. Frozen; no files, no screens."""
