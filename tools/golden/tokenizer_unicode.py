"""Writes src/text/unicode_table.cpp: the classes of Unicode 15.1 that the pre-tokenizers ask for.

Needs: pip install unicodedata2==15.1.0
Use:   python tools/golden/tokenizer_unicode.py > src/text/unicode_table.cpp
"""

import sys

import unicodedata2

# The property White_Space; general categories do not say it (tab and line feed are Cc).
WHITE_SPACE = {*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
               0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
CLASS_OF_CATEGORY = {"L": 1, "N": 2, "P": 4}
SPACE = 3


def char_class(code: int) -> int:
    if code in WHITE_SPACE:
        return SPACE
    return CLASS_OF_CATEGORY.get(unicodedata2.category(chr(code))[0], 0)


def main() -> None:
    if unicodedata2.unidata_version != "15.1.0":
        sys.exit(f"need Unicode 15.1.0, have {unicodedata2.unidata_version}")
    entries, previous = [], None
    for code in range(0x110000):
        now = char_class(code)
        if now != previous:
            entries.append(code << 3 | now)
            previous = now
    print("// Where the class of characters changes in Unicode 15.1. "
          "Made by tools/golden/tokenizer_unicode.py.")
    print('#include "text/unicode.h"\n\nnamespace plmm::text {\n')
    print("// clang-format off")
    print("const std::array<std::uint32_t, kUnicodeTableSize> kUnicodeTable = {")
    for i in range(0, len(entries), 11):
        print("  " + ",".join(f"{e:#x}" for e in entries[i:i + 11]) + ",")
    print("};\n// clang-format on\n\n}  // namespace plmm::text")
    print(f"entries: {len(entries)}", file=sys.stderr)


if __name__ == "__main__":
    main()
