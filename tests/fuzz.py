"""``make fuzz``: atheris looks for a text that breaks something, led by the code that it reaches.

    python tests/fuzz.py spec|header SECONDS [FOLDER]

What it finds stands in FOLDER (``.cache/fuzz``) as ``crash-...`` or ``timeout-...``: each becomes a test.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["uapigen"]):
    import held
    from uapigen.abi import ABIS
    from uapigen.creader import HeaderError, read_header
    from uapigen.proof import readback  # noqa: F401 - what is imported later is not instrumented
    from uapigen.render import find_target, target_names
    from uapigen.rules import all_rules

    all_rules()
    for target in target_names():
        find_target(target)

import mutants
from sample import HEAD, ROOT

LONGEST = 16_384
"""Bytes of an input; what a longer one does, the tests on time say."""

WORDS = {
    "spec": (*mutants.KEYS, *mutants.CHOICES, *mutants.TEXTS, *mutants.NUMBERS),
    "header": """
    #define #undef #ifdef #ifndef #if #elif #else #endif #error #include #pragma defined ( ) [ ] { } ; : , ...
    struct union enum typedef extern static inline const volatile unsigned signed char short int long void
    __u8 __u16 __u32 __u64 __s64 __aligned_u64 __le32 __be16 _Alignas _Static_assert _Bool float
    __attribute__((packed)) __attribute__((aligned(8))) __extension__ __KERNEL__ __cplusplus
    sizeof offsetof _IO _IOR _IOW _IOWR ## << >> && || == ? /* */ // \\
    0x7fffffffffffffff 1ULL 1<<63 1/0 -1 'a' '\\n' "s" 0b1 08 1.5
    """.split(),
}


def spec(data: bytes) -> None:
    held.outcome(data.decode("utf-8", "replace"))


def header(data: bytes) -> None:
    with suppress(HeaderError):
        found = read_header(data.decode("utf-8", "replace").replace("\r\n", "\n"))
        for abi in (ABIS["x86-64"], ABIS["m68k"]):
            found.constants(abi)
            for struct in found.structs:
                found.layout(struct, abi)


def seeds(kind: str) -> list[str]:
    """Small specs, from the examples of the rules and the goldens; the headers that tests have."""
    if kind == "header":
        paths = [*ROOT.glob("tests/against/*.h"), *ROOT.glob("out/*/*.h"), *ROOT.glob("out/*/*.fragment")]
    else:
        paths = [*ROOT.glob("tests/errors/*.yaml"), *ROOT.glob("tests/rules/*.yaml")]
        paths += [*ROOT.glob("spec/vfio-migration-*.yaml"), *ROOT.glob("tests/specs/*.yaml")]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in paths]
    if kind == "spec":
        texts += [HEAD + example for rule in all_rules() for example in (rule.bad, rule.good)]
    return [text for text in texts if len(text.encode()) <= LONGEST]


def mutate(data: bytes, longest: int, seed: int) -> bytes:
    """Most mutants are made by what knows lines and nodes."""
    dice = Random(seed)
    if dice.randrange(4) == 0:
        return atheris.Mutate(data, longest)
    text = mutants.mutant(data.decode("utf-8", "replace"), dice, dice.randrange(1, 4))
    return text.encode("utf-8", "replace")[:longest]


def main() -> None:
    kind, seconds = sys.argv[1:3]
    folder = Path(sys.argv[3] if len(sys.argv) > 3 else ROOT / ".cache/fuzz") / kind
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(seeds(kind)):
        (corpus / f"seed-{number}").write_text(text, encoding="utf-8", newline="")
    words = {word.encode("utf-8") for word in WORDS[kind]}
    quoted = ('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"' for word in sorted(words))
    (folder / "words").write_text("\n".join(quoted) + "\n", encoding="ascii")
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-dict={folder / 'words'}",
        f"-artifact_prefix={folder}/",
        "-timeout=20",
        "-rss_limit_mb=1500",
        "-print_final_stats=1",
    ]
    run = {"spec": spec, "header": header}[kind]
    atheris.Setup([sys.argv[0], *options, *sys.argv[4:], str(corpus)], run, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
