"""A helper of the bench: a command a line in, one JSON object a line out, then raw floats."""

import json
import os
import sys


def serve(start):
    """Answers standard input until "quit" or its end.

    `start()` gives the words of greeting and the function that obeys: words in, (answer, array or
    None) out. An error it raises is answered as {"error": ...}, and the next command can come.
    """
    # Progress bars and warnings go to stderr: only our answers go to what was stdout.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    hello, obey = start()
    out.write((json.dumps(hello) + "\n").encode())
    out.flush()
    for line in sys.stdin:
        words = line.split()
        if not words:
            continue
        if words[0] == "quit":
            break
        try:
            answer, values = obey(words)
        except (RuntimeError, ValueError, OSError, KeyError, StopIteration) as error:
            answer, values = {"error": f"{type(error).__name__}: {error}"}, None
        out.write((json.dumps(answer) + "\n").encode())
        if values is not None:
            out.write(values.tobytes())
        out.flush()
