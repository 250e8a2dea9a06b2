"""The arithmetic of a public log nobody can quietly rewrite: RFC 6962 and C2SP tlog-tiles.

No storage, no clock, no AWS: the sequencer, the public API and the verifier a website runs
(`verify.py`) all stand on these modules. They need the standard library, `kernel/canonical.py` and,
for signatures only, `cryptography`.
"""
