/* SPDX-License-Identifier: BSD-2-Clause */
/* tool/drill/parse_call.c, expr.c and symbols.c: calls and what is in them. */
#include "tests/drill/drill_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

/* The call of a line, in *s. */
static const struct drill_syscall *call(const char *line, struct drill_script **s)
{
	char text[512];

	snprintf(text, sizeof(text), "0 %s", line);
	*s = parse(text);
	assert_int_equal((*s)->nevents, 1);
	assert_int_equal((*s)->events[0].kind, DRILL_SYSCALL);
	return (*s)->events[0].call;
}

static int64_t value(const char *expr)
{
	struct drill_script *s;
	struct drill_why why = { "" };
	int64_t num = 0;
	char line[256];

	snprintf(line, sizeof(line), "f(%s)", expr);
	if (!drill_expr_int(call(line, &s)->args[0], &num, &why))
		fail_msg("%s", why.text);
	drill_script_free(s);
	return num;
}

/* The expression has no value; is `what` the reason? */
static void no_value(const char *expr, const char *what)
{
	struct drill_script *s;
	struct drill_why why = { "" };
	int64_t num;
	char line[256];

	snprintf(line, sizeof(line), "f(%s)", expr);
	assert_false(drill_expr_int(call(line, &s)->args[0], &num, &why));
	assert_string_equal(why.text, what);
	drill_script_free(s);
}

static void a_call_has_arguments_and_a_result(void **state)
{
	struct drill_script *s;
	const struct drill_syscall *c = call("socket(..., SOCK_STREAM, 0) = 3", &s);

	assert_string_equal(c->name, "socket");
	assert_int_equal(c->nargs, 3);
	assert_int_equal(c->args[0]->kind, DRILL_ELLIPSIS);
	assert_int_equal(c->args[1]->kind, DRILL_SYMBOL);
	assert_true(c->args[1]->known);
	assert_int_equal(c->args[1]->num, SOCK_STREAM);
	assert_int_equal(c->result->num, 3);
	assert_null(c->err);
	assert_null(c->note);
	drill_script_free(s);
	assert_null(call("close(3)", &s)->result);
	drill_script_free(s);
}

static void a_result_may_name_an_error_and_have_a_note(void **state)
{
	struct drill_script *s;
	const struct drill_syscall *c = call("read(3, ..., 5) = -1 EAGAIN (it's (too) early)", &s);
	int64_t num;

	assert_true(drill_expr_int(c->result, &num, NULL));
	assert_int_equal(num, -1);
	assert_string_equal(c->err, "EAGAIN");
	assert_int_equal(c->err_num, EAGAIN);
	assert_string_equal(c->note, "it's (too) early");
	drill_script_free(s);
	c = call("f() = 0x02 (flags O_RDWR)", &s);
	assert_null(c->err);
	assert_string_equal(c->note, "flags O_RDWR");
	drill_script_free(s);
	refused("0 read(3) = -1 EWHAT", 1, 16);
}

static void the_next_event_does_not_belong_to_a_result(void **state)
{
	struct drill_script *s = parse("0 f() = 3\n+0 g() = -1\n* > . 1:1(0)\n+0 h() = A|B\n1 i()");

	assert_int_equal(s->nevents, 5);
	assert_int_equal(s->events[0].call->result->kind, DRILL_INT);
	assert_int_equal(s->events[1].call->result->kind, DRILL_UNARY);
	assert_int_equal(s->events[3].call->result->kind, DRILL_BINARY);
	drill_script_free(s);
}

static void structs_have_named_and_unnamed_fields(void **state)
{
	struct drill_script *s;
	const struct drill_syscall *c =
		call("sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 100}, {..., 5}], "
		     "msg_control=[{cmsg_level=SOL_SOCKET, cmsg_data={a=1}}]}, 0) = 105", &s);
	const struct drill_field *iov = drill_expr_field(c->args[1], "msg_iov");
	const struct drill_field *control = drill_expr_field(c->args[1], "msg_control");

	assert_non_null(iov);
	assert_int_equal(iov->count->num, 2);
	assert_int_equal(iov->value->nitems, 2);
	assert_null(iov->value->items[0]->fields[1].name);
	assert_int_equal(iov->value->items[0]->fields[1].value->num, 100);
	assert_non_null(drill_expr_field(control->value->items[0], "cmsg_data"));
	assert_null(drill_expr_field(c->args[1], "msg_flags"));
	assert_null(drill_expr_field(c->args[0], "msg_flags"));
	drill_script_free(s);
}

static void strings_undo_their_escapes(void **state)
{
	struct drill_script *s;
	const struct drill_expr *e = call("f(\"a\\x00\\xFf\\n\\\"\\\\ //\")", &s)->args[0];

	assert_int_equal(e->len, 9);
	assert_memory_equal(e->text, "a\0\xff\n\"\\ //", 10);
	drill_script_free(s);
	refused("0 f(\"\\q\")", 1, 5);
	refused("0 f(\"\\x\")", 1, 5);
}

static void operators_bind_as_in_c(void **state)
{
	assert_int_equal(value("1 | 2 & 6 << 1"), 1 | (2 & (6 << 1)));
	assert_int_equal(value("10 - 2 - 3 * 2"), 2);
	assert_int_equal(value("(10 - 2) / -4"), -2);
	assert_int_equal(value("~0x0f & 0xff"), 0xf0);
	assert_int_equal(value("POLLIN|POLLOUT"), POLLIN | POLLOUT);
}

static void byte_order_functions_have_values(void **state)
{
	assert_int_equal(value("htons(0x1234)"), htons(0x1234));
	assert_int_equal(value("htonl(0x12345678)"), htonl(0x12345678));
	assert_int_equal(value("inet_addr(\"10.1.2.3\")"), inet_addr("10.1.2.3"));
}

static void what_has_no_value_says_why(void **state)
{
	no_value("SO_WHAT", "unknown name 'SO_WHAT'");
	no_value("1|...", "no integer: '...'");
	no_value("f(2)", "unknown function 'f'");
	no_value("1 / 0", "out of range: '/'");
	no_value("0x7fffffffffffffff + 1", "out of range: '+'");
	no_value("1 << 64", "out of range: '<'");
	no_value("htons(1, 2)", "one argument is wanted by 'htons'");
	no_value("inet_addr(\"10.1\")", "no IPv4 address in 'inet_addr'");
}

static void large_and_broken_numbers_are_refused(void **state)
{
	refused("0 f(0x8000000000000000)", 1, 5);
	refused("0 f(99999999999999999999999)", 1, 5);
	refused("0 f(1.5)", 1, 5);
	refused("0 f(12ab)", 1, 5);
}

static void expressions_are_printed_as_they_are_written(void **state)
{
	static const char *const lines[] = {
		"POLLIN|POLLOUT|4", "[{fd=4, events=POLLIN}]", "{msg_iov(2)=[{..., 1}], a=-1}",
		"htons(80)", "\"a\\x00\\\"\\\\\"", "1|(2&3)", "1<<2", "~(1|2)", "[]", "{}", "f()",
	};
	struct drill_script *s;
	char line[128], buf[128];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(line, sizeof(line), "f(%s)", lines[i]);
		drill_format_expr(call(line, &s)->args[0], buf, sizeof(buf));
		drill_script_free(s);
		assert_string_equal(buf, lines[i]);
	}
}

static void names_of_constants_lead_both_ways(void **state)
{
	int64_t num;

	assert_true(drill_symbol_value("ECONNRESET", &num));
	assert_int_equal(num, ECONNRESET);
	assert_false(drill_symbol_value("ECONNRESETS", &num));
	assert_string_equal(drill_symbol_name(DRILL_FAM_ERRNO, EAGAIN), "EAGAIN");
	assert_string_equal(drill_symbol_name(DRILL_FAM_ERRNO, EOPNOTSUPP), "EOPNOTSUPP");
	assert_string_equal(drill_symbol_name(DRILL_FAM_TCP, 1), "TCP_NODELAY");
	assert_string_equal(drill_symbol_name(DRILL_FAM_STATE, 1), "TCP_ESTABLISHED");
	assert_string_equal(drill_symbol_name(DRILL_FAM_SO, SO_REUSEADDR), "SO_REUSEADDR");
	assert_null(drill_symbol_name(DRILL_FAM_ERRNO, 12345));
}

static void flags_are_printed_by_name(void **state)
{
	char buf[64];

	assert_string_equal(drill_symbol_flags(DRILL_FAM_POLL, POLLIN | POLLHUP, buf, sizeof(buf)),
			    "POLLIN|POLLHUP");
	assert_string_equal(drill_symbol_flags(DRILL_FAM_POLL, 0, buf, sizeof(buf)), "0");
	assert_string_equal(drill_symbol_flags(DRILL_FAM_POLL, 0x100000, buf, sizeof(buf)),
			    "0x100000");
	assert_string_equal(drill_symbol_flags(DRILL_FAM_SOCK, SOCK_STREAM | SOCK_NONBLOCK, buf,
					       sizeof(buf)),
			    "SOCK_STREAM|SOCK_NONBLOCK");
	assert_string_equal(drill_symbol_flags(DRILL_FAM_POLL, POLLIN | POLLHUP, buf, 9),
			    "POLLIN|P");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(a_call_has_arguments_and_a_result),
		WEIR_TEST(a_result_may_name_an_error_and_have_a_note),
		WEIR_TEST(the_next_event_does_not_belong_to_a_result),
		WEIR_TEST(structs_have_named_and_unnamed_fields),
		WEIR_TEST(strings_undo_their_escapes),
		WEIR_TEST(operators_bind_as_in_c),
		WEIR_TEST(byte_order_functions_have_values),
		WEIR_TEST(what_has_no_value_says_why),
		WEIR_TEST(large_and_broken_numbers_are_refused),
		WEIR_TEST(expressions_are_printed_as_they_are_written),
		WEIR_TEST(names_of_constants_lead_both_ways),
		WEIR_TEST(flags_are_printed_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
