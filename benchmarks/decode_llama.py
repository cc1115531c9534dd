"""llama.cpp as a peer, asked like chatrec's engines. Runs in an environment of its own, so it imports nothing of chatrec.

``python decode_llama.py MODEL.gguf THREADS``: one JSON line with a prompt in, one with times and text out. Greedy; the beginning that a
prompt shares with the one before it is not read again, which is llama.cpp's own way.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Serve until the input ends."""
    from llama_cpp import Llama

    threads = int(sys.argv[2])
    model = Llama(model_path=sys.argv[1], n_ctx=4096, n_threads=threads, n_threads_batch=threads, verbose=False)
    for line in sys.stdin:
        asked = json.loads(line)
        prompt = model.tokenize(asked["prompt"].encode(), add_bos=False, special=True)
        start = time.perf_counter()
        first, written = 0.0, []
        for token in model.generate(prompt, temp=0.0):
            first = first or time.perf_counter()
            if token == model.token_eos():
                break
            written.append(token)
            if len(written) >= asked["max_tokens"]:
                break
        end = time.perf_counter()
        text = model.detokenize(written, special=True).decode(errors="replace")
        answer = {"first_s": first - start, "rest_s": end - first, "tokens": max(0, len(written) - 1), "text": text}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
