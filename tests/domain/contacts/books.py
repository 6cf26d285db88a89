"""Address books in the shapes that phones and programs export them, made up whole: names, numbers and pictures."""

import base64
from collections.abc import Iterable

PICTURE = base64.b64encode(bytes(range(256)) * 2).decode()


def crlf(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def folded(name: str, text: str, width: int = 72) -> Iterable[str]:
    """Yield a property in lines that go on with a space."""
    whole = f"{name}:{text}"
    yield whole[:width]
    yield from (f" {whole[at : at + width]}" for at in range(width, len(whole), width))


BOOKS: dict[str, bytes] = {
    "Android 4, 2.1, quoted-printable": crlf(
        "BEGIN:VCARD",
        "VERSION:2.1",
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=98=D0=B2=D0=B0=D0=BD=D0=BE=D0=B2;=D0=9F=",
        "=D1=91=D1=82=D1=80;;;",
        "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9F=D1=91=D1=82=D1=80 =D0=98=D0=B2=D0=B0=D0=BD=D0=BE=D0=B2",
        "TEL;CELL:8 (916) 123-45-67",
        "TEL;HOME:+7 495 123-45-67",
        "NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=A2=D0=B5=D0=BB=",
        "TEL:not a number of this card=",
        "",
        "END:VCARD",
    ),
    "Android 14, 3.0": crlf(
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:Иванов;Пётр;;;",
        "FN:Пётр Иванов",
        "TEL;TYPE=CELL,PREF:+79161234567",
        "TEL;TYPE=WORK:100",
        "X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Петя;1;;;;;;;;;;;;;",
        *folded("PHOTO;ENCODING=B;TYPE=JPEG", PICTURE),
        "END:VCARD",
        "BEGIN:VCARD",
        "VERSION:3.0",
        "FN:Такси",
        "TEL;TYPE=CELL:112",
        "END:VCARD",
    ),
    "iPhone, 3.0, labels in groups": crlf(
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//Apple Inc.//iPhone OS 18.1//EN",
        "N:Смирнова;Анна;;;",
        "FN:Анна Смирнова",
        "item1.TEL;type=pref:+996 555 123 456",
        "item1.X-ABLabel:Бишкек",
        "TEL;type=CELL;type=VOICE:+7 (916) 765-43-21",
        "item2.URL;type=pref:https://example.org",
        "item2.X-ABLabel:_$!<HomePage>!$_",
        *folded("PHOTO;ENCODING=b;TYPE=JPEG", PICTURE),
        "END:VCARD",
    ),
    "iCloud, 3.0, a link that is there": crlf(
        "BEGIN:VCARD",
        "VERSION:3.0",
        "FN:Ольга",
        "N:;Ольга;;;",
        "TEL;type=CELL:+79161234567",
        "TEL;type=HOME:+74951234567",
        "URL:http://T.K5.example/79161234567",
        "END:VCARD",
    ),
    "Outlook 2003, 2.1, windows-1251": "\r\n".join(
        (
            "BEGIN:VCARD",
            "VERSION:2.1",
            "N:Петров;Сергей",
            "FN:Петров Сергей",
            "ORG:ООО «Ромашка»;Отдел",
            "TEL;WORK;VOICE:(495) 123-45-67",
            "TEL;WORK;FAX:(495) 123-45-68",
            "URL;WORK:http://romashka.example",
            "PHOTO;TYPE=JPEG;ENCODING=BASE64:",
            f" {PICTURE[:72]}",
            f" {PICTURE[72:144]}",
            "",
            "REV:20261120T101112Z",
            "END:VCARD",
            "",
        )
    ).encode("cp1251"),
    "Outlook 365, 3.0, quotation marks": crlf(
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN",
        'FN;X-NOTE="a: b; c":Сидоров\\, Олег',
        "N:Сидоров;Олег",
        'TEL;TYPE="WORK,VOICE";X-EXT="a:b":+7 495 123-45-67',
        "TEL;TYPE=CELL:+7 916 123 45 67",
        "END:VCARD",
    ),
    "Google, 3.0": crlf(
        "BEGIN:VCARD",
        "VERSION:3.0",
        "FN:Мама",
        "N:;Мама;;;",
        "TEL;TYPE=CELL:+7 916 123-45-67",
        "TEL:8-800-555-35-35",
        "item1.URL:http\\://www.google.com/profiles/1",
        "item1.X-ABLabel:PROFILE",
        "CATEGORIES:myContacts,starred",
        "END:VCARD",
    ),
    "4.0, numbers as addresses": crlf(
        "BEGIN:VCARD",
        "VERSION:4.0",
        "UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
        "FN:Жаныл",
        'TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+996-555-123-456',
        'TEL;VALUE=uri;TYPE="voice,work":tel:+7-495-123-45-67;ext=12',
        "TEL;VALUE=uri:tel:12-34",
        "END:VCARD",
    ),
    "an old Nokia, 2.1, bare line ends": b"".join(
        (
            b"BEGIN:VCARD\nVERSION:2.1\nN:Igor\nTEL;CELL;PREF:+79161234567\nTEL;CELL:+79161234567\nEND:VCARD\n",
            b"\n",
            b"begin:vcard\nversion:2.1\nn:;Zoya\ntel:4951234567\nend:vcard",
        )
    ),
    "a synchronisation program, UTF-16": (
        "\ufeffBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Гүлнара\r\nTEL:+996555123456\r\nEND:VCARD\r\n".encode("utf-16-le")
    ),
    "a mark of UTF-8, a card within a card": b"\xef\xbb\xbf"
    + crlf(
        "BEGIN:VCARD",
        "VERSION:2.1",
        "FN:Директор",
        "AGENT:",
        "BEGIN:VCARD",
        "VERSION:2.1",
        "FN:Секретарь",
        "TEL:+74951234567",
        "END:VCARD",
        "TEL:+74951234568",
        "END:VCARD",
    ),
    "Google, CSV": (
        "First Name,Last Name,Notes,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,"
        "Website 1 - Label,Website 1 - Value\r\n"
        'Анна,Смирнова,"две\r\nстроки, «и» ""кавычки""",Mobile,+7 916 123-45-67,Home,8 (495) 123-45-67,,\r\n'
        "Такси,,,Mobile,0000,,,,\r\n"
        "Ольга,,,Mobile,+79161234567,,,K5,https://t.k5.example/+79161234567\r\n"
    ).encode(),
    "Google, CSV of old": (
        "Name,Phone 1 - Type,Phone 1 - Value,Website 3 - Type,Website 3 - Value\n"
        "Пётр,Mobile,+79161234567 ::: +74951234567,Profile,http://www.google.com/profiles/1\n"
        "Зоя,Mobile,+996555123456\n"
    ).encode(),
}
