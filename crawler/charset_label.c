#include "crawler/charset_label.h"

#include "common/base/mem.h"

/* Frequent ones first: the look-up walks the table. */
static const struct hy_encoding encodings[] = {
	{"utf-8", NULL, true, true,
	 "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8"},
	{"gb18030", "GB18030", true, true,
	 "gb2312 gbk gb18030 chinese csgb2312 csiso58gb231280 gb_2312 gb_2312-80 iso-ir-58 x-gbk "
	 "gb-2312 cp936 ms936 windows-936 euc-cn"},
	{"big5", "BIG5-HKSCS", true, true, "big5 big5-hkscs cn-big5 csbig5 x-x-big5 cp950"},
	{"windows-1252", "WINDOWS-1252", false, true,
	 "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 "
	 "iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252"},
	{"utf-16le", "UTF-16LE", true, false,
	 "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"},
	{"utf-16be", "UTF-16BE", true, false, "unicodefffe utf-16be"},
	{"euc-jp", "EUC-JP-MS", true, false, "cseucpkdfmtjapanese euc-jp x-euc-jp"},
	{"shift_jis", "CP932", true, false,
	 "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"},
	{"iso-2022-jp", "ISO-2022-JP", true, false, "csiso2022jp iso-2022-jp"},
	{"euc-kr", "CP949", true, false,
	 "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 "
	 "ksc_5601 windows-949"},
	{"iso-8859-2", "ISO-8859-2", false, true,
	 "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2"},
	{"iso-8859-3", "ISO-8859-3", false, true,
	 "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3"},
	{"iso-8859-4", "ISO-8859-4", false, true,
	 "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4"},
	{"iso-8859-5", "ISO-8859-5", false, true,
	 "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 "
	 "iso_8859-5:1988"},
	{"iso-8859-6", "ISO-8859-6", false, true,
	 "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e "
	 "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"},
	{"iso-8859-7", "ISO-8859-7", false, true,
	 "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 "
	 "iso_8859-7 iso_8859-7:1987 sun_eu_greek"},
	{"iso-8859-8", "ISO-8859-8", false, true,
	 "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 "
	 "iso_8859-8 iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical"},
	{"iso-8859-10", "ISO-8859-10", false, true,
	 "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6"},
	{"iso-8859-13", "ISO-8859-13", false, true, "iso-8859-13 iso8859-13 iso885913"},
	{"iso-8859-14", "ISO-8859-14", false, true, "iso-8859-14 iso8859-14 iso885914"},
	{"iso-8859-15", "ISO-8859-15", false, true,
	 "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9"},
	{"iso-8859-16", "ISO-8859-16", false, true, "iso-8859-16"},
	{"ibm866", "CP866", false, true, "866 cp866 csibm866 ibm866"},
	{"koi8-r", "KOI8-R", false, true, "cskoi8r koi koi8 koi8-r koi8_r"},
	{"koi8-u", "KOI8-U", false, true, "koi8-ru koi8-u"},
	{"macintosh", "MACINTOSH", false, true, "csmacintosh mac macintosh x-mac-roman"},
	{"windows-874", "WINDOWS-874", false, true,
	 "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"},
	{"windows-1250", "WINDOWS-1250", false, true, "cp1250 windows-1250 x-cp1250"},
	{"windows-1251", "WINDOWS-1251", false, true, "cp1251 windows-1251 x-cp1251"},
	{"windows-1253", "WINDOWS-1253", false, true, "cp1253 windows-1253 x-cp1253"},
	{"windows-1254", "WINDOWS-1254", false, true,
	 "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 "
	 "latin5 windows-1254 x-cp1254"},
	{"windows-1255", "WINDOWS-1255", false, true, "cp1255 windows-1255 x-cp1255"},
	{"windows-1256", "WINDOWS-1256", false, true, "cp1256 windows-1256 x-cp1256"},
	{"windows-1257", "WINDOWS-1257", false, true, "cp1257 windows-1257 x-cp1257"},
	{"windows-1258", "WINDOWS-1258", false, true, "cp1258 windows-1258 x-cp1258"},
	{"x-mac-cyrillic", "MAC-CYRILLIC", false, true, "x-mac-cyrillic x-mac-ukrainian"},
};

const struct hy_encoding *hy_encoding_find(struct hy_str label)
{
	struct hy_str wanted = hy_str_trim(label);

	if (wanted.n == 0 || wanted.n > 40)
		return NULL;
	for (size_t i = 0; i < HY_COUNT(encodings); i++) {
		struct hy_str rest = hy_str_of(encodings[i].labels), piece;

		while (hy_str_next(&rest, ' ', &piece))
			if (hy_str_eq_nocase(piece, wanted))
				return &encodings[i];
	}
	return NULL;
}
