"""What a file is: encodings and delimiters."""

import pytest
from clarion import ClarionError
from clarion.schema.files import sniff_delimiter, sniff_encoding


def test_encodings():
    assert sniff_encoding(b"plain") == "utf-8"
    assert sniff_encoding("\ufeffä".encode()) == "utf-8"
    assert sniff_encoding("Größe".encode()) == "utf-8"
    assert sniff_encoding("Größe".encode()[:4], whole=False) == "utf-8"  # cut within a character
    assert sniff_encoding("Größe".encode("latin-1")) == "cp1252"
    assert sniff_encoding(b"caf\xe9 \x81") == "latin-1"
    assert sniff_encoding("id,name".encode("utf-16")) == "utf-16"
    assert sniff_encoding("id,name".encode("utf-16-le")) == "utf-16-le"
    assert sniff_encoding("id,name".encode("utf-16-be")) == "utf-16-be"
    for data in (b"\x00\x01\x02\x03", b"\x7fELF\x02\x01\x01\x00\x00", bytes(range(1, 9)) * 10):
        with pytest.raises(ClarionError, match="not text"):
            sniff_encoding(data)


def test_delimiters():
    assert sniff_delimiter("a,b,c\n1,2,3\n") == ","
    assert sniff_delimiter("a;b;c\n1,5;2;3\n") == ";"
    assert sniff_delimiter("a\tb\n1,2\t3\n") == "\t"
    assert sniff_delimiter("a|b\n1|2") == "|"
    assert sniff_delimiter('"x;y;z",b\n"1;2;3",2\n') == ","
    assert sniff_delimiter('a;"b\nc,d,e";f\n1;2;3\n') == ";"
    assert sniff_delimiter("alone\n1\n") == ","
    assert sniff_delimiter("") == ","
