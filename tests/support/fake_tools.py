"""A user's tools as a sweep meets them, for tests of the toolchain runner: a converter, a compiler, a residency
checker, a golden tool, an exporter and a runtime, in the forms that harness/docs/TOOLCHAIN.md describes.

    fake_tools.py --fusesweep PROGRAM [--odd WHAT] TOOL ARGUMENTS

Packages are real, and the runtime's ids are those of the packages: both come from the fusesweep program itself.
Times are made up: a token takes 4 ms and 1 ms for every shard, give or take 1 %. Shards of more than two layers
are not resident. WHAT makes one tool odd, which each tool says below.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time


def run(program, *words):
    done = subprocess.run([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{words[0]}: {done.stderr}")
    return done.stdout


def convert(args):
    if args.odd == "convert fails":
        sys.exit("cannot convert these layers")
    with tempfile.TemporaryDirectory(dir=args.output_dir) as work:
        run(args.fusesweep, "model", "build", args.gguf, "--segment", f"{args.layer_start}:{args.layer_end}",
            "--context", "32", "--work", work)
        artifacts = os.path.join(work, "artifacts")
        (artifact,) = [name for name in os.listdir(artifacts) if not name.startswith(".")]
        (package,) = [n for n in os.listdir(os.path.join(artifacts, artifact)) if n.endswith(".mlpackage")]
        target = os.path.join(args.output_dir, args.output_name + ".mlpackage")
        shutil.move(os.path.join(artifacts, artifact, package), target)
    if args.odd == "unreadable package":
        for folder, _, files in os.walk(target):
            for name in files:
                if name.endswith(".mlmodel"):
                    with open(os.path.join(folder, name), "wb") as file:
                        file.write(b"a form of its own")


def compile_package(args):
    name = os.path.basename(args.package)[:-len(".mlpackage")] + ".mlmodelc"
    shutil.copytree(args.package, os.path.join(args.output_dir, name))


def inspect(args):
    layers = args.end - args.start
    resident = layers <= 2
    total = 149 * layers + 3
    report = {"conv_total": 4 * layers, "conv_ane": 4 * layers, "conv_non_ane": 0, "compute_total": total,
              "compute_ane": total if resident else 7, "pass": resident,
              "op_device_counts": {"conv": {"ane": 4 * layers}},
              "non_ane_compute_rows": [] if resident else [{"name": "op_1", "op": "gather", "device": "cpu"}]}
    if args.odd == "pass said with counts that do not hold":
        report.update({"pass": True, "compute_ane": 7})
    if args.odd == "good report and exit 1":
        report["pass"] = False
    if args.odd == "missing counts":
        del report["compute_ane"]
    print("loading the compute plan ...")
    if args.json_out:
        with open(args.json_out, "w", encoding="utf-8") as file:
            json.dump(report, file)
    else:
        print(f"conv_total={report['conv_total']} conv_ane={report['conv_ane']} conv_non_ane=0")
        print(f"compute_total={report['compute_total']} compute_ane={report['compute_ane']}")
        print(f"PASS={report['pass']}")
    sys.exit(0 if report["pass"] else 1)


def golden(args):
    print("reference: 16 tokens")
    cosine = {"golden nan": "nan", "golden low": "0.91"}.get(args.odd, "0.999197")
    print(f"golden: cos={cosine} rmse=0.039475 max_abs=0.228516")
    sys.exit(1 if args.odd == "golden exits with 1" else 0)


def export(args):
    if args.odd == "export fails":
        sys.exit("no such layers")
    folder = os.path.dirname(args.manifest)
    lengths = []
    segments = []
    for spec in args.layer_spec:
        start, end, path = spec.split(":", 2)
        assert os.path.isdir(path), path
        lengths.append(str(int(end) - int(start)))
        segments += ["--segment", f"{start}:{end}"]
    work = os.path.join(folder, "inner")
    run(args.fusesweep, "model", "build", args.gguf, *segments, "--head", "--embedding", "--context", "32",
        "--work", work)
    run(args.fusesweep, "export", "--split", "+".join(lengths), "--context", "32", "--work", work, "-o", folder,
        "--prefix", "inner")
    made = os.path.join(folder, f"inner_runtime_meta_{'_'.join(lengths)}.json")
    if args.odd == "export of an old contract":
        with open(made, encoding="utf-8") as file:
            manifest = json.load(file)
        manifest["rope_dim"] = manifest["d_head"]
        with open(made, "w", encoding="utf-8") as file:
            json.dump(manifest, file)
    os.replace(made, args.manifest)


def decode(args, prompt, tokens):
    told = run(args.fusesweep, "generate", "--manifest", args.meta, "--ids", ",".join(map(str, prompt)), "-n",
               str(tokens), "--json")
    ids = json.loads(told)["ids"]
    with open(args.meta, encoding="utf-8") as file:
        shards = len(json.load(file)["layers"])
    if args.odd == "other ids":
        ids = [(one + 1) % 48 for one in ids]
    seconds = (tokens - 1) * (0.004 + 0.001 * shards) * random.uniform(0.99, 1.01)
    return ids, seconds


def serve(args):
    print("compiling shards, which takes a while ...", flush=True)
    if args.odd == "never ready":
        time.sleep(600)
    print("READY " + json.dumps({"protocol": "phi4mini-jsonl-v1", "warmup_calls": 1}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if args.odd == "dies":
            sys.exit("out of memory")
        if args.odd == "refuses":
            print(json.dumps({"ok": False, "error": "prompt too long"}), flush=True)
            continue
        ids, seconds = decode(args, request["prompt_ids"], request["max_new"])
        steps = len(ids) - 1
        calls = len(request["prompt_ids"]) + steps
        print("decoding ...")
        print(json.dumps({
            "ok": True, "generated_ids": ids,
            "timing": {"prefill_tokens": len(request["prompt_ids"]), "prefill_s": 0.02, "decode_tokens": steps,
                       "decode_s": seconds, "decode_tok_s": steps / seconds if seconds else 0,
                       "forward_calls": calls, "forward_s": seconds + 0.02},
            "profile": {"calls": calls, "embed_s": 0.0001 * calls, "rope_mask_s": 0.0001 * calls,
                        "layers_s": 0.004 * calls, "head_copy_s": 0.0, "head_predict_reduce_s": 0.001 * calls}}),
              flush=True)


def once(args):
    ids, seconds = decode(args, [int(one) for one in args.ids.split(",")], args.tokens)
    steps = len(ids) - 1
    print("Loading ...")
    print(f"Generated IDs: {ids}")
    print(f"Timing: decode_tokens={steps} decode_s={seconds} decode_tok_s={steps / seconds if seconds else 0}")
    print("ProfileDecodePerToken: layers_ms=53.225 head_predict_reduce_ms=5.095")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fusesweep", required=True)
    parser.add_argument("--odd", default="")
    tools = parser.add_subparsers(required=True)

    tool = tools.add_parser("convert")
    tool.add_argument("gguf")
    tool.add_argument("--layer-start", type=int)
    tool.add_argument("--layer-end", type=int)
    tool.add_argument("--output-dir")
    tool.add_argument("--output-name")
    tool.set_defaults(tool=convert)

    tool = tools.add_parser("compile")
    tool.add_argument("package")
    tool.add_argument("output_dir")
    tool.set_defaults(tool=compile_package)

    tool = tools.add_parser("inspect")
    tool.add_argument("model")
    tool.add_argument("--start", type=int)
    tool.add_argument("--end", type=int)
    tool.add_argument("--json-out")
    tool.set_defaults(tool=inspect)

    tool = tools.add_parser("golden")
    tool.add_argument("model")
    tool.set_defaults(tool=golden)

    tool = tools.add_parser("export")
    tool.add_argument("gguf")
    tool.add_argument("--layer-spec", action="append")
    tool.add_argument("--manifest")
    tool.set_defaults(tool=export)

    tool = tools.add_parser("serve")
    tool.add_argument("--meta")
    tool.set_defaults(tool=serve)

    tool = tools.add_parser("once")
    tool.add_argument("--meta")
    tool.add_argument("--ids")
    tool.add_argument("--tokens", type=int)
    tool.set_defaults(tool=once)

    args = parser.parse_args()
    args.tool(args)


main()
