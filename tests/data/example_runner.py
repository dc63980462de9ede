"""A runner in Python's standard library alone, to copy from: harness/docs/RUNNERS.md says why.

It knows one made-up record: where the operations of any artifact run, and how long a group takes.
    fusesweep runner check -- python3 tests/data/example_runner.py
"""

import json
import os
import sys

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
INVALID_INPUT, UNAVAILABLE = -32001, -32002
WORK = os.path.realpath(os.getcwd())  # runners are started in the work folder
sessions = {}


class Refusal(Exception):
    """An error to answer with."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def member(params, name, kind):
    value = params.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Refusal(INVALID_PARAMS, f"params.{name}: found {value!r}, want {kind.__name__}")
    return value


def path_in_work(text):
    path = os.path.realpath(os.path.join(WORK, text))
    if os.path.commonpath([WORK, path]) != WORK:
        raise Refusal(INVALID_PARAMS, f"found {text!r}, want a path in the work folder")
    return path


def artifact(text):
    path = path_in_work(text)
    if not os.path.isdir(path):
        raise Refusal(INVALID_INPUT, f"{path}: found no artifact")
    return path


def describe(params):
    return {"protocol": 1, "name": "example", "version": "1", "toolchain": "none",
            "device": {"name": "a made-up one", "kind": "example", "memory_bytes": None},
            "evidence": "measured", "capabilities": ["inspect", "open", "time"],
            "emulated": ["every figure"]}


def inspect(params):
    artifact(member(params, "artifact", str))
    return {"evidence": "plan", "conv_total": 1, "conv_resident": 1,
            "compute_total": 2, "compute_resident": 1,
            "kinds": [{"type": "conv", "place": "example", "count": 1},
                      {"type": "add", "place": "cpu", "count": 1}],
            "non_resident": [{"operation": "add_0", "type": "add", "place": "cpu",
                              "reason": "made up"}]}


def open_session(params):
    if params.get("manifest") is not None:
        path_in_work(member(params, "manifest", str))
        raise Refusal(UNAVAILABLE, "this example opens artifacts, no manifests")
    names = [os.path.basename(artifact(path)) for path in member(params, "artifacts", list)]
    print(json.dumps({"jsonrpc": "2.0", "method": "progress",
                      "params": {"stage": "opening", "done": len(names), "total": len(names)}}))
    handle = len(sessions) + 1
    sessions[handle] = names
    return {"handle": handle, "load_ns": 1000, "groups": [{"group": name} for name in names]}


def session(params):
    handle = member(params, "handle", int)
    if sessions.get(handle) is None:
        raise Refusal(INVALID_PARAMS, f"params.handle: found {handle}, want an open session's")
    return handle


def time(params):
    names, group = sessions[session(params)], member(params, "group", str)
    if group not in names:
        raise Refusal(INVALID_PARAMS, f"params.group: found {group!r}, want one of {names}")
    return {"calls_ns": [1000] * member(params, "calls", int)}


def close(params):
    sessions[session(params)] = None
    return {}


METHODS = {"describe": describe, "inspect": inspect, "open": open_session, "time": time,
           "close": close}


def call(request):
    params = request.get("params", {})
    if request["method"] not in METHODS:
        raise Refusal(METHOD_NOT_FOUND, f"found {request['method']!r}")
    if not isinstance(params, dict):
        raise Refusal(INVALID_PARAMS, "params: want an object")
    if "options" in params and "threads" in member(params, "options", dict):
        member(params["options"], "threads", int)
    return METHODS[request["method"]](params)


def answer(line):
    """The answer to one line, or None when nobody waits for one."""
    try:
        request = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": {"code": PARSE_ERROR, "message": str(error)}}
    known = isinstance(request, dict)
    if not known or request.get("jsonrpc") != "2.0" or not isinstance(request.get("method"), str):
        return {"id": request.get("id") if known else None,
                "error": {"code": INVALID_REQUEST, "message": "want a JSON-RPC 2.0 request"}}
    if "id" not in request:
        return None
    try:
        return {"id": request["id"], "result": call(request)}
    except Refusal as refusal:
        return {"id": request["id"], "error": {"code": refusal.code, "message": str(refusal)}}


for request_line in sys.stdin.buffer:
    message = answer(request_line)
    if message is not None:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
