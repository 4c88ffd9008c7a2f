"""Headers that are read back say what the compiler says of them."""

from __future__ import annotations

import re

import pytest

from tools import require_file
from uapigen.abi import ABIS
from uapigen.creader import HeaderError, directives, read_header
from witness import compiler_says, read_back

X86 = ABIS["x86-64"]
I386 = ABIS["i386"]

# Headers of linux-libc-dev with packed and aligned structs, unions, bit fields, arrays of arrays,
# flexible arrays, pointers, typedefs, enums, inline functions and ioctl numbers.
INSTALLED = (
    *("vfio.h", "fuse.h", "btrfs.h", "userfaultfd.h", "fiemap.h", "gpio.h", "dm-ioctl.h", "vhost_types.h"),
    *("virtio_ring.h", "nvme_ioctl.h", "fscrypt.h", "idxd.h", "cec.h", "hdreg.h", "fd.h", "ndctl.h"),
    *("media.h", "usb/ch9.h"),
)


def installed(name: str) -> str:
    return require_file(f"/usr/include/linux/{name}").read_text(encoding="utf-8")


@pytest.mark.parametrize("abi", ABIS)
def test_installed_headers_are_laid_out_as_the_compiler_does(abi: str) -> None:
    texts = {}
    for name in INSTALLED:
        text = installed(name)
        texts[name] = ("#include <linux/ioctl.h>\n" + text, read_back(read_header(text), abi))
    said = compiler_says(texts, abi)
    for name, (_, mine) in texts.items():
        assert said[name] == mine


def test_every_macro_of_vfio_h_that_is_a_number_has_a_value() -> None:
    header = read_header(installed("vfio.h"))
    text = installed("vfio.h").replace("\\\n", " ")
    defined = dict(re.findall(r"^#define[ \t]+(\w+)(.*)", text, re.MULTILINE))
    numbers = {
        name
        for name, body in defined.items()
        if body.strip() and not body.startswith("(") and '"' not in body.partition("/*")[0]
    }
    enumerators = set(re.findall(r"^\t(VFIO_\w+)(?: = \d+)?,?(?: /\*.*)?$", text, re.MULTILINE))
    assert len(numbers) > 140
    assert len(enumerators) > 20
    assert header.constants(X86).keys() == numbers | enumerators


def test_each_struct_of_vfio_h_has_its_line() -> None:
    text = installed("vfio.h")
    lines = text.splitlines()
    header = read_header(text)
    assert len(header.structs) == len(re.findall(r"^struct \w+ \{", text, re.MULTILINE))
    for tag in header.structs:
        assert re.match(rf"struct {tag}\b", lines[header.lines[tag] - 1])
    for name in header.macros:
        assert re.match(rf"#define\s+{name}\b", lines[header.lines[name] - 1])


def paths(text: str, struct: str = "s") -> list[tuple[str, int, int]]:
    return [(m.path, m.offset, m.size) for m in read_header(text).layout(struct, X86).members]


def test_paths_go_into_nested_structs_and_skip_what_is_anonymous() -> None:
    text = """
        struct inner { __u32 deep; };
        struct s {
            __u32 a;
            struct { __u32 b; union { __u32 c; struct { __u8 d; } e; }; } group;
            struct { __u32 f; };
            struct inner tagged;
            __u16 array[2][3];
            __u8 rest[];
        };"""
    assert paths(text) == [
        ("a", 0, 4),
        ("group", 4, 8),
        ("group.b", 4, 4),
        ("group.c", 8, 4),
        ("group.e", 8, 1),
        ("group.e.d", 8, 1),
        ("f", 12, 4),
        ("tagged", 16, 4),
        ("array", 20, 12),
        ("rest", 32, 0),
    ]


def test_lines_survive_comments_and_continued_lines() -> None:
    text = (
        "/* one\n * two */\n#define A \\\n\t1\n\n"
        "enum {\n\tB, // b\n\tC /* c\n */ = 7,\n};\n"
        "struct\ns {\n__u8 x; };\n"
    )
    header = read_header(text)
    assert header.lines == {"A": 3, "B": 7, "C": 8, "s": 11}
    assert header.constants(X86) == {"A": 1, "B": 0, "C": 7}


def test_the_tag_of_an_enum_has_the_line_on_which_it_stands() -> None:
    header = read_header("struct s {\n__u8 x; };\n\nenum e {\n A,\n};\n")
    assert header.lines == {"s": 1, "e": 4, "A": 5}


def test_macros_are_replaced_as_text_is() -> None:
    text = """
        #define A 1 + 2
        #define B A * 3
        #define C D
        #define D 4
        #define E E
        enum { E = 5 };
        #define F(x) x
    """
    header = read_header(text)
    assert header.constants(X86) == {"A": 3, "B": 7, "C": 4, "D": 4, "E": 5}
    assert header.macros["F"].parameters == ("x",)


@pytest.mark.parametrize("abi", ["x86-64", "i386", "ppc64"])
def test_expressions_have_the_value_that_the_compiler_gives_them(abi: str) -> None:
    expressions = (
        *(
            "1 << 31",
            "1u << 31",
            "~0",
            "~0U",
            "~0UL",
            "~0ULL",
            "-1",
            "- 2147483647 - 1",
            "0x80000000",
            "2147483648",
        ),
        *(
            "-1 < 0U",
            "-1L < 0U",
            "(-7) / 2",
            "(-7) % 2",
            "7 / -2",
            "010",
            "0xfull",
            "'A'",
            "'\\n'",
            "'\\0'",
            "'\\''",
        ),
        *(
            "(__u8)-1",
            "(__u8)300 + 1",
            "(__s16)0x8000",
            "(unsigned char)~0 << 8",
            "(__u64)-1 >> 60",
            "-8 >> 1",
        ),
        *("1 ? 2 : 3", "0 ? 2 : -3", "1 ? -1 : 0U", "!5", "!0", "1 && 0 || 1", "3 == 3", "3 != 3", "2 >= 3"),
        *("0 && 1 / 0", "7 & 3 ^ 8 | 16", "sizeof(struct t)", "sizeof(__u64) * 2", "sizeof(void *)"),
        *(
            "offsetof(struct t, b.c)",
            "sizeof(long) == 8",
            "_IO('x', 3)",
            "_IOR('x', 3, struct t)",
            "_IOW('x', 4, int)",
        ),
        *(
            "_IOWR(';', 100 + 7, char[3])",
            "ONE | TWO",
            "(struct t *)0 == 0 ? 1 : 0",
            "TWO - 3",
            "0xffffffffffffffff",
        ),
        *(
            "1ul << 31 << 1",
            "sizeof(long) - 9 < 0",
            "(long)-1 >> 31",
            "2147483647 + 1u",
            "-(2147483648)",
            "+'a'",
        ),
        # Brackets within the arguments of an ioctl number, and what stands behind it.
        *(
            "_IOW('x', sizeof(char[2]), __u32)",
            "_IOW(('x'), 1, struct t[2])",
            "(_IOR('x', 3, struct t))",
            "_IOR('x', 3, struct t) + 1",
            "_IOW('x', 5, int __attribute__((aligned(4))))",
        ),
    )
    text = "struct t { __u8 a; struct { __u64 c; } b; };\nenum e { ONE = 1, TWO };\n" + "".join(
        f"#define M{number} {expression}\n" for number, expression in enumerate(expressions)
    )
    header = read_header(text)
    includes = "#include <linux/types.h>\n#include <linux/ioctl.h>\n"
    mine = read_back(header, abi)
    not_evaluated = [e for n, e in enumerate(expressions) if f"M{n}" not in mine]
    assert not_evaluated == ["(struct t *)0 == 0 ? 1 : 0"]
    assert compiler_says({"": (includes + text, mine)}, abi)[""] == mine


def test_what_is_no_number_has_no_value() -> None:
    text = """
        #define GUARD
        #define TEXT "1"
        #define TOO_LARGE '\\777'
        #define TYPE struct s
        #define CALL(x) (x)
        #define USES CALL(1)
        #define UNKNOWN ELSEWHERE + 1
        #define ZERO (1 / 0)
        #define FAR (1 << 32)
        #define REAL 1.5
        #define TWO 1, 2
        #define BROKEN (1
        #define EIGHT 08
        #define LONG 99999999999999999999999999
    """
    assert read_header(text).constants(X86) == {}


def test_conditions_are_decided_by_the_text() -> None:
    text = """
        #ifndef _X_H
        #define _X_H
        #define A 2
        #if A == 2 && defined A && !defined(B) && defined A
        struct taken { __u8 a; };
        #elif ELSEWHERE
        struct second { __u8 a; };
        #else
        struct third { __u8 a; };
        #endif
        #ifdef __KERNEL__
        #error never seen
        #else
        #undef A
        #endif
        #ifdef A
        struct fourth { __u8 a; };
        #endif
        #endif
    """
    header = read_header(text)
    assert header.structs == ("taken",)
    assert list(header.macros) == ["_X_H"]


@pytest.mark.parametrize("name", ["__KERNEL__", "__cplusplus", "__ASSEMBLY__", "__ASSEMBLER__"])
def test_what_no_program_in_c_defines_is_not_defined(name: str) -> None:
    text = f"#ifndef {name}\nstruct s {{ __u8 a; }};\n#else\n#error not in C\n#endif\n"
    assert read_header(text).structs == ("s",)


def test_a_text_may_begin_with_the_name_of_a_type() -> None:
    assert paths("typedef __u16 first; struct s { first a; first b; };") == [("a", 0, 2), ("b", 2, 2)]


def test_a_name_may_stand_for_a_type_that_another_header_declares() -> None:
    header = read_header("typedef elsewhere_t mine;\nstruct s { __u8 a; };\nstruct t { mine a; };")
    assert header.lines == {"mine": 1, "s": 2, "t": 3}
    assert header.layout("s", X86).size == 1
    with pytest.raises(HeaderError, match="the type 'elsewhere_t' is not known"):
        header.layout("t", X86)


def test_a_prelude_is_known_and_not_declared() -> None:
    prelude = "#define OTHER 3\nstruct other { __u32 a; };\ntypedef __u64 other_t;\nenum { NUM = 5 };\n"
    header = read_header("#define MINE OTHER\nstruct s { struct other o[NUM]; other_t t; };", prelude)
    assert header.structs == ("s",)
    assert header.lines == {"MINE": 1, "s": 2}
    assert header.constants(X86) == {"MINE": 3}
    assert header.layout("s", X86).size == 32
    assert header.layout("s", I386).size == 28


def test_a_struct_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        read_header("").layout("s", X86)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("\n/* never\nclosed", 2, "this comment is not closed"),
        ("wo\\\nrd", 1, "a word is continued on the next line"),
        ("struct s {\n__u8 a;\n", 1, "'{' is not closed"),
        ("struct s { __u8 a; }", 1, "this declaration has no ';' at its end"),
        ("__u8 a[2;\n", 1, "'[' is not closed"),
        ("\n};", 2, "'}' closes nothing"),
        ("struct s {\n\n__u8 a b;\n};", 3, "pycparser does not understand this: "),
        ("struct s { __u8 a; };\nstruct s { __u8 a; };", 2, "'s' is declared twice"),
        ("enum { A };\nenum {\nA };", 3, "'A' is declared twice"),
        ("\n#if __BITS_PER_LONG == 64\n#endif", 2, "this text does not say what '__BITS_PER_LONG' is"),
        ("\n#ifdef __x86_64__\n#endif", 2, "this text does not say whether '__x86_64__' is defined"),
        ("#if 1\n#if 0\n#endif\n", 1, "this condition has no #endif"),
        ("\n#endif", 2, "'#endif' without an #if"),
        ("#else", 1, "'#else' without an #if"),
        ("#if", 1, "'#if' without a condition"),
        ("#if defined\n#endif", 1, "'defined' without a name"),
        ("#if 1 +\n#endif", 1, "pycparser does not understand this: "),
        ("#if 1 / 0\n#endif", 1, "this divides by zero"),
        ("#pragma pack(1)", 1, "'#pragma' is not understood"),
        ("#error not this way", 1, "#error not this way"),
        ("#define 1 2", 1, "'1' cannot be a macro"),
        ("#define F(a", 1, "'(' is not closed"),
        ("struct s { int a __attribute__((mode(DI))); };", 1, "the attribute 'mode' is not understood"),
        ("struct s { int a __attribute__((aligned)); };", 1, "the attribute 'aligned' is not understood"),
        ("struct s { int a __attribute__(packed); };", 1, "'__attribute__' without '(('"),
        (
            "struct s {\nint a, b __attribute__((packed)); };",
            2,
            "an attribute among several members of one declaration",
        ),
        (
            "struct s {\nint a __attribute__((packed)), b; };",
            2,
            "an attribute among several members of one declaration",
        ),
        ("enum { A, B } __attribute__((packed));", 1, "an enum with another size than int is not understood"),
        ("struct s { struct s { int a; } b; };", 1, "'s' is declared inside itself"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(HeaderError) as caught:
        read_header(text)
    # What pycparser says differs between its versions.
    said = caught.value.message
    assert (caught.value.line, said[: len(message)] if message.endswith(": ") else said) == (line, message)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("struct s {\nstruct other o; };", 2, "'other' is not declared in this text"),
        ("struct s {\nother_t o; };", 2, "the type 'other_t' is not known"),
        ("struct s {\n__u8 a[N]; };", 2, "nothing says what 'N' is"),
        ("struct s {\nlong double a; };", 2, "the type 'long double' is not known"),
        ("struct s {\n__u8 a:9; };", 2, "a bit field of 9 bits does not fit its type"),
        ("struct s {\nstruct s inner; };", 1, "'s' contains itself"),
        ("struct s { __u8 a\n__attribute__((aligned(3))); };", 2, "an alignment of 3 is no power of two"),
        ("struct s { __u8 a; } __attribute__((aligned(0)));", 1, "an alignment of 0 is no power of two"),
    ],
)
def test_a_layout_that_cannot_be_known_is_said_with_its_line(text: str, line: int, message: str) -> None:
    header = read_header(text)
    for _ in range(2):
        with pytest.raises(HeaderError) as caught:
            header.layout("s", X86)
        assert (caught.value.line, caught.value.message) == (line, message)


def test_deep_nesting_is_an_error_and_no_crash() -> None:
    depth = 10_000
    # How deep the parser goes differs between versions of pycparser.
    nested = f"{'(' * depth}1{')' * depth}"
    long = f"1{' + 0' * depth}"
    for expression in (nested, long):
        try:
            size = read_header(f"struct s {{ int a[{expression}]; }};").layout("s", X86).size
        except HeaderError as error:
            assert "nested too deeply" in error.message  # noqa: PT017 - that there is none is right too
        else:
            assert size == 4
    values = read_header(f"#define A {nested}\n#define B {long}\n").constants(X86)
    assert set(values.values()) <= {1}


def test_macros_that_multiply_are_an_error() -> None:
    chain = "".join(f"#define C{n} C{n + 1}\n" for n in range(1000))
    assert read_header(f"{chain}#define C1000 7\n").constants(X86)["C990"] == 7
    doubling = "".join(f"#define D{n} D{n + 1} D{n + 1}\n" for n in range(60))
    with pytest.raises(HeaderError, match="without end"):
        read_header(f"{doubling}struct s {{ int a[D0]; }};")
    with pytest.raises(HeaderError, match="without end"):
        read_header(f"{chain}struct s {{ int a[C0]; }};")


def test_functions_declare_nothing() -> None:
    text = """
        static __inline__ int half(int a) { struct hidden { int b; } c; return a / 2; }
        struct s *find(int a) { return 0; }
        struct s { __u8 a; };
        extern struct s known;
        int (*callback)(struct s *);
    """
    assert read_header(text).structs == ("s",)


# Each of these is laid out by a rule of its own on some ABI.
SPECIAL = (
    *("{ __u64 a : 64 __attribute__((aligned(2))); }", "{ __u32 a; __u64 b : 64; }", "{ __u8 : 0; }"),
    *("{ __u8 a; __u32 : 0; __u8 b; }", "{ __u8 a : 3; __u8 : 0; __u8 b : 2; }", "{ __u8 a; __u32 : 3; }"),
    *("{ __u8 a; __u32 b : 17; }", "{ __u16 a : 9; __u16 b : 9; }", "{ __u32 a : 20; __u64 b : 20; }"),
    *(
        "{ __u8 a; __aligned_u64 b; } __attribute__((packed))",
        "{ __u8 a; __u32 b : 31; } __attribute__((packed))",
    ),
    *(
        "{ __u8 a; __u32 : 0; __u8 b; } __attribute__((packed))",
        "{ __u8 a; __u64 b __attribute__((aligned(4))); }",
    ),
    *(
        "{ __u8 a; __u64 b __attribute__((packed)); __u16 c; }",
        "{ __u8 a; union { __u64 b : 40; __u8 c; } d; }",
    ),
    *("{ __u8 a; double b; }", "{ __u8 a; void *b; long c; }", "{ __u8 a; enum { X = 0x100000000 } b; }"),
)


@pytest.mark.parametrize("abi", ABIS)
def test_rules_that_only_some_abis_have_are_those_of_the_compiler(abi: str) -> None:
    text = "".join(f"struct s{number} {body};\n" for number, body in enumerate(SPECIAL))
    mine = read_back(read_header(text), abi)
    assert compiler_says({"": ("#include <linux/types.h>\n" + text, mine)}, abi)[""] == mine


def test_macros_do_not_make_a_text_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directives, "MOST", 20)
    with pytest.raises(HeaderError, match="macros make this text too long") as caught:
        read_header(f"#define A {'x ' * 9}\n" + "int A;\n" * 3)
    assert caught.value.line == 4


ABI_SPECIFIC = """
struct plain { __u8 one; __u64 two; };
struct pointer { __u8 one; void *two; struct plain *three; };
struct word { __u8 one; unsigned long two[1 + 1L]; };
struct bits { __u8 one; __u32 : 3; __u8 two; };
struct sized { char one[sizeof(long)]; };
struct numbered { char one[(_IO('a', 1) >> 29) + 1]; };
struct outer { struct plain a; struct { void *b; } c; struct bits d[2]; };
"""


def test_what_abis_have_in_common_is_not_what_tells_them_apart() -> None:
    """Asked one after the other, each ABI has what it has when it is asked alone."""
    together = read_header(ABI_SPECIFIC)
    for abi in ABIS.values():
        alone = read_header(ABI_SPECIFIC)
        assert together.structs == ("plain", "pointer", "word", "bits", "sized", "numbered", "outer")
        for tag in together.structs:
            assert together.layout(tag, abi) == alone.layout(tag, abi), (tag, abi.name)
    of = {name: {tag: together.layout(tag, ABIS[name]).size for tag in together.structs} for name in ABIS}
    assert (of["x86-64"]["pointer"], of["arm"]["pointer"]) == (24, 12)
    assert (of["x86-64"]["word"], of["arm"]["word"]) == (24, 12)
    assert (of["x86-64"]["sized"], of["arm"]["sized"]) == (8, 4)
    assert (of["x86-64"]["numbered"], of["ppc64"]["numbered"]) == (1, 2)
    assert (of["x86-64"]["bits"], of["arm"]["bits"]) == (3, 4)
    assert of["x86-64"]["plain"] == of["arm"]["plain"] == 16
