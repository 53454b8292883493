#include "export/export.h"

#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define S(literal) KJ_STR_INIT(literal)

/* パスワード設定 (password settings) in CP932, then half-width ﾊﾟｽﾜｰﾄﾞ. */
#define PASSWORD_CP932 "\x83\x70\x83\x58\x83\x8f\x81\x5b\x83\x68\x90\xdd\x92\xe8"
#define KANA_CP932     "\xca\xdf\xbd\xdc\xb0\xc4\xde"

static const struct {
	const char *what;
	kj_str bytes, text;
	const char *encoding;
} rows[] = {
        {"empty", S(""), S(""), "utf-8"},
        {"ascii", S("a=1\n"), S("a=1\n"), "utf-8"},
        {"crlf stays", S("a=1\r\nb=2\r\n"), S("a=1\r\nb=2\r\n"), "utf-8"},
        {"utf-8", S("名=基準\n"), S("名=基準\n"), "utf-8"},
        {"utf-8 bom",
         S("\xef\xbb\xbf"
           "a=基\n"),
         S("a=基\n"), "utf-8"},
        {"bom alone", S("\xef\xbb\xbf"), S(""), "utf-8"},
        {"utf-8 with a stray byte", S("基準 基準 \xff x"), S("基準 基準 \xff x"), "utf-8"},
        {"utf-8 cut off", S("基準基準\xe5\x9f"), S("基準基準\xe5\x9f"), "utf-8"},
        {"ascii with a stray byte", S("# caf\xe9\nPermitRootLogin no\n"), S("# caf\xe9\nPermitRootLogin no\n"), "8bit"},
        {"latin", S("g\xe9n\xe9ral \xe0 c\xf4t\xe9\n"), S("g\xe9n\xe9ral \xe0 c\xf4t\xe9\n"), "8bit"},
        {"latin capitals",
         S("\xc4rger \xdc"
           "ber 20\xb0\n"),
         S("\xc4rger \xdc"
           "ber 20\xb0\n"),
         "8bit"},
        {"western quotes", S("say \x93hello world\x94 \x85 \x96\n"), S("say \x93hello world\x94 \x85 \x96\n"), "8bit"},
        {"cp932", S(PASSWORD_CP932 " = 8\r\n"), S("パスワード設定 = 8\r\n"), "cp932"},
        {"cp932 half-width", S(KANA_CP932 "=1\r\n"), S("ﾊﾟｽﾜｰﾄﾞ=1\r\n"), "cp932"},
        {"cp932 backslash stays", S("C:\\" PASSWORD_CP932 "~"), S("C:\\パスワード設定~"), "cp932"},
        {"cp932 trail byte 5c", S("\x95\x5c\x8e\xa6\n"), S("表示\n"), "cp932"},
        {"utf-16le bom text",
         S("\xff\xfe"
           "a\0b\0c\0=\0\xfa\x57\r\0\n\0"),
         S("abc=基\r\n"), "utf-16le"},
        {"utf-16be bom text", S("\xfe\xff\0a\0b\0c\0=\x57\xfa\0\r\0\n"), S("abc=基\r\n"), "utf-16be"},
        {"utf-16le bom alone", S("\xff\xfe"), S(""), "utf-16le"},
        {"utf-16le", S("[\0U\0n\0i\0]\0\r\0\n\0"), S("[Uni]\r\n"), "utf-16le"},
        {"utf-16be", S("\0[\0U\0n\0i\0]\0\r\0\n"), S("[Uni]\r\n"), "utf-16be"},
        {"utf-16le japanese", S("\xd1\x30\xb9\x30\xef\x30\xfc\x30\xc9\x30\r\0\n\0\xd1\x30"), S("パスワード\r\nパ"),
         "utf-16le"},
        {"utf-16le pair",
         S("\xff\xfe"
           "a\0\x3d\xd8\x00\xde"),
         S("a\xf0\x9f\x98\x80"), "utf-16le"},
        {"utf-16le half a pair",
         S("\xff\xfe"
           "a\0\x3d\xd8"
           "b\0"),
         S("a\xef\xbf\xbd"
           "b"),
         "utf-16le"},
        {"utf-16le odd byte",
         S("\xff\xfe"
           "a\0b\0c"),
         S("ab\xef\xbf\xbd"), "utf-16le"},
        {"escape sequences", S("\x1b[1mbold\x1b[0m\n"), S("\x1b[1mbold\x1b[0m\n"), "utf-8"},
        {"one control byte", S("abc\x01 def ghi jkl mno\n"), S("abc\x01 def ghi jkl mno\n"), "utf-8"},
};

static const struct {
	const char *what;
	kj_str bytes;
	const char *message;
} refused[] = {
        {"a NUL in ascii", S("root:x:0:0\n\0daemon:x:1:1\n"), "is binary"},
        {"NULs in ascii", S("root\0x\0zero daemon one\0 and more text"), "is binary"},
        {"elf",
         S("\x7f"
           "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0"),
         "is binary"},
        {"controls", S("\x01\x02\x03\x04\x05\x06\x07 abc"), "is binary"},
        {"registry.pol", S("PReg\x01\0\0\0[\0S\0o\0f\0t\0\0\0;\0\x04\0\0\0;\0\x04\0\0\0;\0\x01\0\0\0]\0"), "is binary"},
        {"zeroes", S("\0\0\0\0\0\0\0\0"), "is binary"},
        {"utf-16 of NULs", S("\xff\xfe\x01\0\0\0\0\0\0\0\0\0"), "is binary"},
        {"utf-32le", S("\xff\xfe\0\0a\0\0\0"), "is in UTF-32, which is not read"},
        {"utf-32be", S("\0\0\xfe\xff\0\0\0a"), "is in UTF-32, which is not read"},
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kj_arena *arena = kj_arena_new(KJ_MIB);
		kj_str out, encoding, message;
		bool decoded = kj_decode(arena, rows[i].bytes, &out, &encoding, &message);
		if (!decoded || !kj_str_eq(out, rows[i].text) || !kj_str_eq(encoding, kj_str_of(rows[i].encoding)))
			fail_msg("%s: %.*s (%.*s) %.*s", rows[i].what, KJ_FMT(out), KJ_FMT(encoding), KJ_FMT(message));
		kj_arena_free(arena);
	}
}

static void test_binary(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct kj_arena *arena = kj_arena_new(KJ_MIB);
		kj_str out, encoding, message;
		if (kj_decode(arena, refused[i].bytes, &out, &encoding, &message))
			fail_msg("%s: taken as %.*s", refused[i].what, KJ_FMT(encoding));
		if (!kj_str_eq(message, kj_str_of(refused[i].message)))
			fail_msg("%s: %.*s", refused[i].what, KJ_FMT(message));
		assert_int_equal(out.n, 0);
		kj_arena_free(arena);
	}
}

/* A long text of every Japanese kind survives the way there and back in each encoding, whatever its first bytes. */
static void test_utf16_without_bom_any_start(void **state)
{
	(void)state;
	static const char *const texts[] = {"a", "[System Access]\r\nMinimumPasswordLength = 8\r\n",
	                                    "基準 = 1\r\nパスワード = 2\r\n", "Ä = 1\r\n"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		for (int big = 0; big < 2; big++) {
			struct kj_arena *arena = kj_arena_new(KJ_MIB);
			struct kj_buf bytes = KJ_BUF(arena), plain = KJ_BUF(arena);
			for (int copy = 0; copy < 4; copy++)
				kj_buf_put(&plain, kj_str_of(texts[i]));
			kj_str text = kj_buf_str(&plain), out, encoding, message;
			for (size_t at = 0; at < text.n;) {
				uint32_t c = (uint32_t)kj_utf8_next(text, &at);
				kj_buf_char(&bytes, (char)(big ? c >> 8 : c));
				kj_buf_char(&bytes, (char)(big ? c : c >> 8));
			}
			assert_true(kj_decode(arena, kj_buf_str(&bytes), &out, &encoding, &message));
			assert_true(kj_str_eq(out, text));
			kj_arena_free(arena);
		}
	}
}

/* No bytes make it crash or lose the line structure of plain text. */
static void test_noise(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (int round = 0; round < 3000; round++) {
		struct kj_arena *arena = kj_arena_new(KJ_MIB);
		char bytes[64];
		size_t n = (size_t)round % sizeof bytes;
		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)((seed = seed * 1664525 + 1013904223) >> 24);
		kj_str out, encoding, message;
		bool decoded = kj_decode(arena, (kj_str){bytes, n}, &out, &encoding, &message);
		assert_true(decoded || message.n);
		assert_true(encoding.n);
		kj_arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_text),
	        cmocka_unit_test(test_binary),
	        cmocka_unit_test(test_utf16_without_bom_any_start),
	        cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
