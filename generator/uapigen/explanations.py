"""What the findings mean that no rule makes: files, YAML, shape, names, headers, verification.

The room of these texts, as data.  Rules are explained where they are; :mod:`uapigen.catalogue` joins both.
"""

from __future__ import annotations

from typing import NamedTuple


class Explanation(NamedTuple):
    """What is asked for, what goes wrong otherwise, and sections of a spec that do it wrong and right."""

    doc: str
    why: str
    bad: str = ""
    good: str = ""


_STRUCT = "structs:\n  - struct: example\n    doc: A struct.\n    fields:\n"
_STEPS = f"""{_STRUCT}      - {{name: count, type: u32, doc: count}}
operations:
  - operation: start
    number: 1
    steps:
"""
_AGREE = "A spec is read by this tool, by editors and by whatever comes later; all must read the same in it"
_EVIL = "What a reviewer sees must be what the tool reads"
_TRUST = "This is a mistake of uapigen, not of the spec: nothing was written, and a report of it helps"

EXPLANATIONS: dict[str, Explanation] = {
    # --- files ------------------------------------------------------------------------------------
    "no-spec": Explanation(
        "There is a spec to work on: one that is named, or spec/*.yaml in the current folder.",
        "Without any, a run would succeed and say nothing, which looks as if all were well.",
    ),
    "file-missing": Explanation(
        "Every file that is named exists.",
        "A misspelled name that is passed over would leave a file unread, and nobody would notice.",
    ),
    "file-unreadable": Explanation(
        "A spec is a regular file that can be read.",
        "What cannot be read cannot be checked; what is no file may have no text, or no end.",
    ),
    "file-size": Explanation(
        "A spec has at most 16 MiB.",
        "The largest header of the kernel's uAPI has a fiftieth of that: what is larger is another file.",
    ),
    "file-encoding": Explanation(
        "A spec is written in UTF-8.",
        "Bytes in another encoding would arrive in the header as other characters (YAML 1.2, 5.2).",
    ),
    # --- YAML -------------------------------------------------------------------------------------
    "yaml-syntax": Explanation(
        "The file is YAML.",
        "What follows an error of syntax cannot be told apart, so that this is all that is said of the file.",
        'title: "My device\n',
        'title: "My device"\n',
    ),
    "yaml-tab": Explanation(
        "Lines are indented with blanks, and a text has blanks in it.",
        "YAML forbids tabs where it counts columns (YAML 1.2, 6.1), and elsewhere they look like blanks.",
    ),
    "yaml-character": Explanation(
        "Every character shows, and stands where it seems to stand.",
        f"{_EVIL}: characters that hide or reorder text make the two differ (Unicode TR36).",
    ),
    "yaml-ambiguous-scalar": Explanation(
        "A text that readers of YAML take for different things stands in quotes.",
        f"{_AGREE}: `on` is true in YAML 1.1 and a text in YAML 1.2, `012` is ten and twelve.",
        "constants:\n  - {name: EXAMPLE_MODE, value: 012, doc: The mode.}\n",
        "constants:\n  - {name: EXAMPLE_MODE, value: 12, doc: The mode.}\n",
    ),
    "yaml-comma": Explanation(
        "A text between braces that has a comma in it stands in quotes.",
        "Between braces a comma ends the value, and the rest of the text would become a key (YAML 1.2, 7.4).",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: fill, then go}\n",
        'constants:\n  - {name: EXAMPLE_A, value: 1, doc: "fill, then go"}\n',
    ),
    "yaml-comment": Explanation(
        "A text with a number sign behind a blank stands in quotes.",
        "There a comment begins, and what was meant as text is lost without a word (YAML 1.2, 6.6).",
        "constants:\n  - name: EXAMPLE_A\n    value: 1\n    doc: see #4\n",
        'constants:\n  - name: EXAMPLE_A\n    value: 1\n    doc: "see #4"\n',
    ),
    "yaml-null": Explanation(
        "No value is `null` or `~`.",
        "A key without a value says no more than leaving it out, or the word is meant as a text.",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: null}\n",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n",
    ),
    "yaml-empty-value": Explanation(
        "Every key has a value, and every item of a list is something.",
        "Where a value is missing, a line was forgotten, or a blank behind the colon.",
        "constants:\n  - name: EXAMPLE_A\n    value:\n    doc: A number.\n",
        "constants:\n  - name: EXAMPLE_A\n    value: 1\n    doc: A number.\n",
    ),
    "yaml-empty": Explanation(
        "The file holds a spec.",
        "An empty file would make empty outputs.",
    ),
    "yaml-root": Explanation(
        "The outermost level of a spec is a mapping: lines of the form `key: value`.",
        "A list or a text has no keys, so that nothing in it says what it describes.",
    ),
    "yaml-key": Explanation(
        "A key is one word.",
        "The language knows no other keys, and few readers of YAML do.",
        "[title, doc]: An example\n",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n",
    ),
    "yaml-duplicate-key": Explanation(
        "A key is written once in a mapping.",
        f"{_AGREE}, and of two values some take the first and some the last (YAML 1.2, 3.2.1.3).",
        "constants:\n  - {name: EXAMPLE_A, value: 1, value: 2, doc: A number.}\n",
        "constants:\n  - {name: EXAMPLE_A, value: 2, doc: A number.}\n",
    ),
    "yaml-alias": Explanation(
        "Values are written out; there are no aliases (`*name`).",
        "A reviewer reads a spec as a diff, where what an alias stands for is elsewhere; and a few lines of "
        "aliases can stand for gigabytes.",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: *text}\n",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n",
    ),
    "yaml-anchor": Explanation(
        "Values carry no anchors (`&name`).",
        "An anchor is for aliases, which are not used: a spec says what it says where it stands.",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: &text A number.}\n",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n",
    ),
    "yaml-tag": Explanation(
        "Values carry no tags (`!name`).",
        "The schema says what a value is; a tag could say something else, and makes some readers run code.",
        "constants:\n  - {name: EXAMPLE_A, value: !!str 1, doc: A number.}\n",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n",
    ),
    "yaml-merge-key": Explanation(
        "There is no merge key (`<<`).",
        f"{_AGREE}: the merge key is no part of YAML 1.2, and an ordinary key to many.",
        "constants:\n  - {<<: {value: 1}, name: EXAMPLE_A, doc: A number.}\n",
        "constants:\n  - {value: 1, name: EXAMPLE_A, doc: A number.}\n",
    ),
    "yaml-directive": Explanation(
        "The file has no directives: lines that begin with a percent sign.",
        "Nothing in a spec needs one, and readers differ in which they honour.",
    ),
    "yaml-second-document": Explanation(
        "A file holds one spec.",
        "Many readers of YAML take the first document and pass over the rest.",
        "---\nconstants: []\n",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n",
    ),
    "yaml-depth": Explanation(
        "At most 64 mappings and lists lie inside each other.",
        "No element of the language is as deep; readers of YAML run out of stack on files that are.",
    ),
    "yaml-size": Explanation(
        "A spec has at most 2,000,000 keys and values.",
        "No interface is as large, and a file that is would fill the memory.",
    ),
    # --- the shape --------------------------------------------------------------------------------
    "language-version": Explanation(
        "The spec is written in a version of the language that this uapigen knows.",
        "A newer version may give a key another meaning; guessing would put that into a header.",
    ),
    "schema-unknown-key": Explanation(
        "Every key is one of the language.",
        "A misspelled key that is passed over leaves the default in force, and nobody notices.",
        "constants:\n  - {name: EXAMPLE_A, vlaue: 1, doc: A number.}\n",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n",
    ),
    "schema-missing-key": Explanation(
        "What an element cannot be without is there.",
        "Any value in its place would be a guess about an interface that cannot change later.",
        "constants:\n  - {name: EXAMPLE_A, doc: A number.}\n",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n",
    ),
    "schema-conflict": Explanation(
        "Keys that exclude each other do not stand together.",
        "They say two different things, and only one of them could reach the outputs.",
        f"{_STEPS}      - {{by: user, do: write, field: count, value: 1, argument: pages}}\n",
        f"{_STEPS}      - {{by: user, do: write, field: count, argument: pages}}\n",
    ),
    "schema-type": Explanation(
        "Every value is of the kind that its key takes: a number, a text, a list, a mapping, true or false.",
        "A number becomes a value of C, a text a comment, a list elements; none of them is guessed.",
        "constants:\n  - {name: EXAMPLE_A, value: 1 << 4, doc: A number.}\n",
        "constants:\n  - {name: EXAMPLE_A, value: 16, doc: A number.}\n",
    ),
    "schema-enum": Explanation(
        "A value with a fixed set of choices is one of them.",
        "Every choice is a different text in the outputs; another word has none.",
        f"{_STRUCT}      - {{name: flags, type: u32, access: readonly, doc: flags}}\n",
        f"{_STRUCT}      - {{name: flags, type: u32, access: ro, doc: flags}}\n",
    ),
    "schema-pattern": Explanation(
        "A text has the form that its key asks for.",
        "It is printed as it is: a name of C, a path, a version, an error; another form says something else.",
    ),
    "schema-range": Explanation(
        "A number lies between the limits of its key.",
        "A number that lies outside does not fit where it is printed, or means nothing there.",
        f"{_STRUCT}      - {{name: flags, type: u32, doc: flags}}\n      - {{pad: 0}}\n",
        f"{_STRUCT}      - {{name: flags, type: u32, doc: flags}}\n      - {{pad: 4}}\n",
    ),
    "schema-length": Explanation(
        "A text, a list or a mapping is neither empty nor longer than there is room.",
        "An empty one was probably forgotten; one that is too long does not fit where it is printed.",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: ''}\n",
        "constants:\n  - {name: EXAMPLE_A, value: 1, doc: A number.}\n",
    ),
    "schema-duplicate-item": Explanation(
        "A list names each thing once.",
        "The second one says nothing, and stands where something else was probably meant.",
    ),
    "too-many-errors": Explanation(
        "A file has fewer than 1,000 errors, and a run fewer than 1,000 findings.",
        "So many have one cause, such as a file of another kind; the first ones show it.",
    ),
    # --- names ------------------------------------------------------------------------------------
    "undefined-reference": Explanation(
        "What is named is declared: types, constants, flags, states, regions, members.",
        "A name that names nothing is a slip, or a piece that was removed and is still in use.",
        f"{_STRUCT}      - {{name: flags, type: u23, doc: flags}}\n",
        f"{_STRUCT}      - {{name: flags, type: u32, doc: flags}}\n",
    ),
    "array-count": Explanation(
        "An array has one element at least, or as many as follow.",
        "C has no array of no elements (C99, 6.7.5.2); who changes a constant may not think of arrays.",
        "constants:\n  - {name: EXAMPLE_LENGTH, value: 0, doc: Number of entries.}\n"
        f"{_STRUCT}      - {{name: data, type: u32, count: EXAMPLE_LENGTH, doc: entries}}\n",
        "constants:\n  - {name: EXAMPLE_LENGTH, value: 8, doc: Number of entries.}\n"
        f"{_STRUCT}      - {{name: data, type: u32, count: EXAMPLE_LENGTH, doc: entries}}\n",
    ),
    "circular-struct": Explanation(
        "No struct lies inside itself.",
        "It would have no size; C refuses it, too (C99, 6.7.2.1).",
        f"{_STRUCT}      - {{name: next, type: example, doc: the next one}}\n",
        f"{_STRUCT}      - {{name: next, type: u64, pointer-to: example, doc: the next one}}\n",
    ),
    "too-many-states": Explanation(
        "A state machine is small enough to be written out as a table.",
        "The outputs have a row and a test for every pair of states and every set of features: one bit or "
        "one feature more doubles them.",
    ),
    "struct-size": Explanation(
        "Structs lie at most 64 deep in each other, and have at most a million members together.",
        "A few lines of structs inside structs can stand for millions of members, and a header needs each.",
    ),
    "duplicate-interface": Explanation(
        "Each spec of a run describes an interface of its own.",
        "The name of the interface names the output files: the second one would replace the first.",
    ),
    # --- against a header -------------------------------------------------------------------------
    "header-unreadable": Explanation(
        "A header that a spec is held against can be read.",
        "What it declares behind the place would not be compared.",
    ),
    "name-taken": Explanation(
        "No name of the interface is declared in the header that it goes into.",
        "The two declarations do not compile together (VFIO_DEVICE_STATE_RUNNING is an enumerator of "
        "today's linux/vfio.h).",
    ),
    "number-taken": Explanation(
        "No number that is unique among a group is in use in the header that the interface goes into.",
        "A program cannot tell two things with one number apart (review, R6: a region type that two patches "
        "wanted).",
    ),
    # --- into a header ----------------------------------------------------------------------------
    "anchor-missing": Explanation(
        "What a `place:` names is declared in the header that the pieces go into.",
        "A place is found by what the header says, so that it is the same in every tree; without that there "
        "is none.",
    ),
    "anchor-ambiguous": Explanation(
        "What a `place:` names is declared once in the header.",
        "One of two declarations may be in a branch that a condition leaves out, and the piece with it.",
    ),
    "anchor-crowded": Explanation(
        "What a `place:` names has lines of its own, outside the braces of others.",
        "A piece goes between lines; in the middle of a declaration it would be a part of that.",
    ),
    "guard-missing": Explanation(
        "An include guard is around everything in a header that pieces go to the end of.",
        "Behind the guard, what is declared would be declared again by each inclusion.",
    ),
    "header-changed": Explanation(
        "Everything that a header declares is with the new pieces what it was without them.",
        "Programs rely on it: a condition that hangs on a new name, or a macro that a member is called like, "
        "would change an ABI that exists.",
    ),
    "marker-pair": Explanation(
        "The comments around a generated piece come in pairs, and say which piece it is.",
        "What is between them is replaced by the next run: without one of the two, or with that of another "
        "piece, that could be lines that somebody wrote.",
    ),
    # --- verification -----------------------------------------------------------------------------
    "verify-layout": Explanation(
        "Every size and offset in the generated header is that of the spec, on every ABI.",
        f"{_TRUST}. Where the spec and the compiler disagree, programs misread each other.",
    ),
    "verify-constant": Explanation(
        "Every constant in the generated header has the value that the spec gives it.",
        f"{_TRUST}. If `external` describes something of another header, look whether that header agrees.",
    ),
    "verify-name": Explanation(
        "The generated header declares what the spec declares and nothing else.",
        f"{_TRUST}. A text of the spec could have become code.",
    ),
    "verify-header": Explanation(
        "The generated header can be read back as C.",
        f"{_TRUST}.",
    ),
    "verify-compile": Explanation(
        "The generated C compiles as C90, C99 and C++98 without a warning.",
        f"{_TRUST}, unless the compiler lacks a header that the spec includes.",
    ),
    "verify-python": Explanation(
        "The generated Python compiles without a warning.",
        f"{_TRUST}.",
    ),
    "verify-ascii": Explanation(
        "The generated texts are printable ASCII.",
        f"{_TRUST}. The kernel's headers are ASCII, so that they can be sent by mail.",
    ),
    "verify-blanks": Explanation(
        "The generated texts have no blanks at line ends, and end in one end of line.",
        f"{_TRUST}. checkpatch and git complain about them.",
    ),
    "verify-line-length": Explanation(
        "The generated lines have at most 100 columns in C and 80 in the document.",
        "Longer lines are refused by checkpatch and broken by mail. A name that leaves no room to break "
        "them is the cause, and a shorter one the way out.",
    ),
}
