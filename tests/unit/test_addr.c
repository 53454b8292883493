#include "base/addr.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	kj_str in;
	const char *out; /* NULL: refused */
} addresses[] =
        {
                {KJ_STR_INIT("192.0.2.1"), "192.0.2.1"},
                {KJ_STR_INIT("0.0.0.0"), "0.0.0.0"},
                {KJ_STR_INIT("2001:DB8:0:0::1"), "2001:db8::1"},
                {KJ_STR_INIT("::"), "::"},
                {KJ_STR_INIT("::ffff:192.0.2.1"), "::ffff:192.0.2.1"},
                {KJ_STR_INIT("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"),
                 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
                {KJ_STR_INIT(""), NULL},
                {KJ_STR_INIT("192.0.2"), NULL},
                {KJ_STR_INIT("192.0.2.01"), NULL},
                {KJ_STR_INIT("192.0.2.256"), NULL},
                {KJ_STR_INIT("192.0.2.1 "), NULL},
                {KJ_STR_INIT("192.0.2.1\0"), NULL},
                {KJ_STR_INIT("0x7f.0.0.1"), NULL},
                {KJ_STR_INIT("fe80::1%eth0"), NULL},
                {KJ_STR_INIT("1::2::3"), NULL},
                {KJ_STR_INIT("localhost"), NULL},
                {KJ_STR_INIT("000000000000000000000000000000000000000000000000000000000000::1"), NULL},
},
  ranges[] = {
          {KJ_STR_INIT("192.0.2.1"), "192.0.2.1"},
          {KJ_STR_INIT("192.0.2.77/24"), "192.0.2.0/24"},
          {KJ_STR_INIT("192.0.2.77/32"), "192.0.2.77"},
          {KJ_STR_INIT("192.0.2.77/0"), "0.0.0.0/0"},
          {KJ_STR_INIT("192.0.2.77/31"), "192.0.2.76/31"},
          {KJ_STR_INIT("192.0.2.0/255.255.255.0"), "192.0.2.0/24"},
          {KJ_STR_INIT("192.0.2.0/0.0.0.0"), "0.0.0.0/0"},
          {KJ_STR_INIT("2001:db8::5/32"), "2001:db8::/32"},
          {KJ_STR_INIT("2001:db8::5/ffff:ffff::"), "2001:db8::/32"},
          {KJ_STR_INIT("::/0"), "::/0"},
          {KJ_STR_INIT("192.0.2.1-192.0.2.9"), "192.0.2.1-192.0.2.9"},
          {KJ_STR_INIT("192.0.2.0-192.0.2.255"), "192.0.2.0/24"},
          {KJ_STR_INIT("192.0.2.3-192.0.2.3"), "192.0.2.3"},
          {KJ_STR_INIT("0.0.0.0-255.255.255.255"), "0.0.0.0/0"},
          {KJ_STR_INIT("2001:db8::1-2001:db8::2"), "2001:db8::1-2001:db8::2"},
          {KJ_STR_INIT("192.0.2.9-192.0.2.1"), NULL},
          {KJ_STR_INIT("192.0.2.1-2001:db8::1"), NULL},
          {KJ_STR_INIT("192.0.2.0/33"), NULL},
          {KJ_STR_INIT("2001:db8::/129"), NULL},
          {KJ_STR_INIT("192.0.2.0/"), NULL},
          {KJ_STR_INIT("192.0.2.0/08"), NULL},
          {KJ_STR_INIT("192.0.2.0/+8"), NULL},
          {KJ_STR_INIT("192.0.2.0/4294967304"), NULL},
          {KJ_STR_INIT("192.0.2.0/255.0.255.0"), NULL},
          {KJ_STR_INIT("192.0.2.0/0.0.0.255"), NULL},
          {KJ_STR_INIT("192.0.2.0/ffff::"), NULL},
          {KJ_STR_INIT("192.0.2.0/24-192.0.2.9"), NULL},
          {KJ_STR_INIT("192.0.2.1-192.0.2.9/24"), NULL},
          {KJ_STR_INIT("-192.0.2.9"), NULL},
          {KJ_STR_INIT("/24"), NULL},
          {KJ_STR_INIT(""), NULL},
};

static void assert_text(kj_str found, const char *wanted)
{
	assert_string_equal(found.p, wanted); /* kj_str_copy and kj_str_fmt end in NUL */
	assert_int_equal(found.n, kj_str_of(wanted).n);
}

static void test_addr(void **state)
{
	struct kj_addr addr;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		assert_int_equal(kj_addr_parse(addresses[i].in, &addr), addresses[i].out != NULL);
		if (addresses[i].out)
			assert_text(kj_addr_str(*state, &addr), addresses[i].out);
	}
}

static void test_range(void **state)
{
	struct kj_range range;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		assert_int_equal(kj_range_parse(ranges[i].in, &range), ranges[i].out != NULL);
		if (ranges[i].out)
			assert_text(kj_str_copy(*state, kj_range_str(*state, &range)), ranges[i].out);
	}
}

static void test_within(void **state)
{
	(void)state;
	static const struct {
		kj_str inner, outer;
		bool within;
	} rows[] = {
	        {KJ_STR_INIT("192.0.2.1"), KJ_STR_INIT("192.0.2.0/24"), true},
	        {KJ_STR_INIT("192.0.2.0/24"), KJ_STR_INIT("192.0.2.0/24"), true},
	        {KJ_STR_INIT("192.0.0.0/16"), KJ_STR_INIT("192.0.2.0/24"), false},
	        {KJ_STR_INIT("192.0.2.200-192.0.3.1"), KJ_STR_INIT("192.0.2.0/24"), false},
	        {KJ_STR_INIT("192.0.1.255"), KJ_STR_INIT("192.0.2.0/24"), false},
	        {KJ_STR_INIT("2001:db8::1"), KJ_STR_INIT("::/0"), true},
	        {KJ_STR_INIT("192.0.2.1"), KJ_STR_INIT("::/0"), false},
	        {KJ_STR_INIT("::1"), KJ_STR_INIT("0.0.0.0/0"), false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct kj_range inner, outer;
		assert_true(kj_range_parse(rows[i].inner, &inner));
		assert_true(kj_range_parse(rows[i].outer, &outer));
		assert_int_equal(kj_range_within(&inner, &outer), rows[i].within);
	}
}

static void test_cmp(void **state)
{
	(void)state;
	struct kj_addr a, b;
	assert_true(kj_addr_parse(KJ_STR("255.255.255.255"), &a) && kj_addr_parse(KJ_STR("::"), &b));
	assert_true(kj_addr_cmp(&a, &b) < 0 && kj_addr_cmp(&b, &a) > 0);
	assert_true(kj_addr_parse(KJ_STR("9.0.0.0"), &a) && kj_addr_parse(KJ_STR("10.0.0.0"), &b));
	assert_true(kj_addr_cmp(&a, &b) < 0 && kj_addr_cmp(&a, &a) == 0);
}

static int setup(void **state)
{
	*state = kj_arena_new(KJ_MIB);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	kj_arena_free(*state);
	return 0;
}

/* The C library's opinion, over addresses with zeros at every place. */
static void test_as_inet_ntop(void **state)
{
	(void)state;
	uint64_t seed = 1;
	for (int i = 0; i < 200000; i++) {
		struct kj_addr addr = {.version = 6};
		char text[KJ_ADDR_TEXT], wanted[KJ_ADDR_TEXT];
		for (unsigned word = 0; word < 8; word++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			unsigned value = (unsigned)(seed >> 40) & 0xffff;
			value = seed >> 62 ? 0 : seed >> 61 & 1 ? value & 0xff : value;
			addr.byte[2 * word] = (unsigned char)(value >> 8);
			addr.byte[2 * word + 1] = (unsigned char)value;
		}
		inet_ntop(AF_INET6, addr.byte, wanted, sizeof wanted);
		size_t n = kj_addr_write(&addr, text);
		assert_string_equal(text, wanted);
		assert_int_equal(n, strlen(wanted));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_addr), cmocka_unit_test(test_range),        cmocka_unit_test(test_within),
	        cmocka_unit_test(test_cmp),  cmocka_unit_test(test_as_inet_ntop),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
