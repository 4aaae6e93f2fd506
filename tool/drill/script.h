/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packetdrill script as a tree: what the parser makes of the text, what the
 * runner walks, and (struct drill_packet) what the formatter prints.
 *
 *	struct drill_error e;
 *	struct drill_script *s = drill_parse("a.pkt", text, len, defs, ndefs, &e);
 *
 *	if (!s)
 *		fprintf(stderr, "%s:%u: %s\n", "a.pkt", e.line, e.message);
 *	for (size_t i = 0; i < s->nevents; i++)
 *		run(&s->events[i]);
 *	drill_script_free(s);
 *
 * Everything a script points at belongs to the script and lives until
 * drill_script_free. Strings end in NUL; where bytes count, a length stands
 * beside them. All times are nanoseconds. Nothing here is changed by reading it:
 * a script may be run any number of times. There is no global state.
 *
 * A script is neutral to the IP version: whether a packet is IPv4 or IPv6, and
 * what the ICMP names mean, is known to the runner (--ip_version).
 */
#ifndef WEIR_DRILL_SCRIPT_H
#define WEIR_DRILL_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------ expressions */

enum drill_expr_kind {
	DRILL_ELLIPSIS,		/* `...`: whatever; the runner's default */
	DRILL_INT,		/* 12, 0x20 */
	DRILL_STRING,		/* "a\x00b": text, len (bytes, with escapes undone) */
	DRILL_SYMBOL,		/* SOCK_STREAM: text; num and known, see there */
	DRILL_UNARY,		/* op a: `-` or `~` */
	DRILL_BINARY,		/* a op b: `|` `&` `+` `-` `*` `/`, '<' is <<, '>' is >> */
	DRILL_LIST,		/* [a, b]: items */
	DRILL_STRUCT,		/* {fd=4, events=POLLIN}, {..., 100}: fields */
	DRILL_CALL,		/* htons(80), inet_addr("1.2.3.4"): text, items */
};

struct drill_expr;

/* One `name(count)=value` of a struct. */
struct drill_field {
	const char *name;		/* NULL: by position, as in {..., 100} */
	const struct drill_expr *count;	/* of msg_iov(2)=...; mostly NULL */
	const struct drill_expr *value;	/* never NULL */
};

struct drill_expr {
	enum drill_expr_kind kind;
	unsigned int line, column;	/* where it starts, from 1 */
	const char *text;		/* STRING, SYMBOL, CALL (the function) */
	size_t len;			/* of text */
	int64_t num;			/* INT; SYMBOL: its value, if known */
	bool known;			/* SYMBOL: the system's headers have it */
	char op;			/* UNARY, BINARY */
	const struct drill_expr *a, *b;	/* operands; UNARY: a only */
	const struct drill_expr **items;	/* LIST, CALL */
	size_t nitems;
	const struct drill_field *fields;	/* STRUCT */
	size_t nfields;
};

/*
 * The integer that e stands for: integers, known symbols, operators, htons,
 * htonl, ntohs, ntohl, inet_addr. False: it is none; *why then names the part
 * that has no value ("unknown name 'FOO'"), good until the next call with the
 * same buffer. why may be NULL.
 */
struct drill_why {
	char text[96];
};
bool drill_expr_int(const struct drill_expr *e, int64_t *num, struct drill_why *why);

/* The field of that name, NULL: the struct (or what is none) has no such one. */
const struct drill_field *drill_expr_field(const struct drill_expr *e, const char *name);

/* ---------------------------------------------------------------- packets */

/*
 * struct drill_packet has no pointers into anything: it can be copied, and the
 * runner fills one from the bytes of a real packet to show it in the script's
 * language (format.h). Members that a script may leave out have a has_x or a
 * bit in `given`; what is not given is 0.
 */
enum drill_dir {
	DRILL_IN,		/* `<`: to the stack */
	DRILL_OUT,		/* `>`: expected from the stack */
};

enum drill_proto { DRILL_TCP, DRILL_UDP, DRILL_ICMP };

/* The bracket before the header: [ect0], [tos 0x2e, ttl 3], [flowlabel 0x5]. */
enum {
	DRILL_IP_ECN = 1,	/* noecn ect1 ect0 ce: the two low bits of tos */
	DRILL_IP_TOS = 2,	/* the whole byte */
	DRILL_IP_TTL = 4,	/* or the hop limit */
	DRILL_IP_FLOW = 8,
};

struct drill_ip {
	unsigned int given;	/* DRILL_IP_* */
	uint8_t ecn;		/* 0 noecn, 1 ect1, 2 ect0, 3 ce */
	uint8_t tos;		/* or traffic class */
	uint8_t ttl;
	uint32_t flow_label;
};

enum {				/* bits of drill_tcp.flags, as in the header */
	DRILL_FIN = 0x001,	/* F */
	DRILL_SYN = 0x002,	/* S */
	DRILL_RST = 0x004,	/* R */
	DRILL_PSH = 0x008,	/* P */
	DRILL_ACK = 0x010,	/* . */
	DRILL_URG = 0x020,	/* U */
	DRILL_ECE = 0x040,	/* E */
	DRILL_CWR = 0x080,	/* W */
	DRILL_AE  = 0x100,	/* A */
	DRILL_ACE = 0x1c0,	/* the three as a counter: (flags & ACE) >> 6 */
};
#define DRILL_ACE_SHIFT 6

enum drill_opt_kind {		/* the kind byte of the wire where there is one */
	DRILL_OPT_EOL = 0,
	DRILL_OPT_NOP = 1,
	DRILL_OPT_MSS = 2,
	DRILL_OPT_WSCALE = 3,
	DRILL_OPT_SACKOK = 4,
	DRILL_OPT_SACK = 5,
	DRILL_OPT_TS = 8,
	DRILL_OPT_MD5 = 19,
	DRILL_OPT_FO = 34,
	DRILL_OPT_ACCECN0 = 172,	/* ECN e0b N ceb N e1b N: that order */
	DRILL_OPT_ACCECN1 = 174,	/* ECN e1b N ceb N e0b N */
	DRILL_OPT_FOEXP = 254,	/* Fast Open under the experimental kind 254, id 0xf989 */
	DRILL_OPT_OTHER = 256,	/* `opt KIND HEX`: opt.other */
};

#define DRILL_OPT_MAX	40	/* a TCP header has 40 bytes for options */
#define DRILL_SACK_MAX	4

struct drill_sack {
	uint32_t start, end;
};

struct drill_opt {
	enum drill_opt_kind kind;
	union {
		uint16_t mss;
		uint8_t wscale;
		struct {
			unsigned int n;			/* 0 … DRILL_SACK_MAX */
			struct drill_sack blocks[DRILL_SACK_MAX];
		} sack;
		struct {
			uint32_t val, ecr;
		} ts;
		struct {
			unsigned int n;		/* counters present, 0 … 3 */
			uint32_t bytes[3];	/* in the order of the wire */
		} accecn;
		struct {				/* FO, FOEXP, MD5 */
			uint8_t len;		/* 0: a cookie is asked for */
			uint8_t bytes[DRILL_OPT_MAX];
		} data;
		struct {
			uint8_t kind, len;	/* len of bytes, without kind and length */
			uint8_t bytes[DRILL_OPT_MAX];
		} other;
	};
};

struct drill_tcp {
	uint16_t flags;		/* DRILL_FIN … DRILL_AE */
	bool ace_digit;		/* written `.5`: ACE as a number, not letters */
	uint32_t seq;		/* start of `start:end(len)` */
	uint32_t end;		/* start + len, as written (without SYN and FIN) */
	uint32_t len;		/* payload, bytes */
	bool has_ack, has_win, has_urg;
	uint32_t ack;
	uint16_t win;		/* as on the wire, not scaled; out and none given: any */
	uint16_t urg;
	/* `<...>` any_opts: nothing is asked of the options (outgoing only).
	 * No list at all, and `<>`: nopts == 0, that is: no options. */
	bool any_opts;
	unsigned int nopts;
	struct drill_opt opts[DRILL_OPT_MAX];
};

struct drill_udp {
	uint32_t len;		/* payload, bytes */
};

/* What an ICMP error quotes: [1:1001(1000)], [udp (100)]. */
struct drill_quote {
	bool given;
	enum drill_proto proto;	/* TCP or UDP */
	uint32_t seq, end, len;	/* TCP; UDP: len only */
};

#define DRILL_NAME_MAX 40

struct drill_icmp {
	/* The names as written ("unreachable", "frag_needed"; "" for none), to
	 * be turned into numbers by drill_icmp_resolve (symbols.h), which knows
	 * both versions and type_N, code_N. In a packet filled from bytes: "",
	 * and type and code. */
	char type_name[DRILL_NAME_MAX], code_name[DRILL_NAME_MAX];
	uint8_t type, code;
	bool has_mtu, has_id, has_seq;
	uint32_t mtu;		/* frag_needed, packet_too_big: `mtu N` */
	uint16_t id, seq;	/* echoes: `id N`, `seq N` */
	struct drill_quote quote;
};

struct drill_packet {
	enum drill_dir dir;
	enum drill_proto proto;
	struct drill_ip ip;
	bool has_ports;		/* `8080 > 443` before the flags: from, to */
	uint16_t src_port, dst_port;
	union {
		struct drill_tcp tcp;
		struct drill_udp udp;
		struct drill_icmp icmp;
	};
};

/* ------------------------------------------------------------ system calls */

struct drill_syscall {
	const char *name;
	const struct drill_expr **args;
	size_t nargs;
	/* `= result ERRNO (note)`. A call without `=` has result NULL. */
	const struct drill_expr *result;	/* may be `...` */
	const char *err;		/* "EAGAIN", NULL: none given */
	int err_num;			/* its number, 0: none given */
	const char *note;		/* text in the parentheses, NULL: none */
	/* `+0...0.200 read(...)`: it blocks, and returns at event.time.end.
	 * Without an end it is expected to return at once. */
};

/* ------------------------------------------------------------------ events */

enum drill_time_kind {
	DRILL_TIME_ABSOLUTE,	/* 1.5: since the script's start */
	DRILL_TIME_RELATIVE,	/* +1.5: since the time of the event before */
	DRILL_TIME_ANY,		/* *: whenever it comes (outgoing packets) */
	DRILL_TIME_RANGE,	/* 1~2: from at to until, since the start */
	DRILL_TIME_RELATIVE_RANGE,	/* +1~+2: since the event before */
};

struct drill_time {
	enum drill_time_kind kind;
	int64_t at;		/* ns; ANY: 0 */
	int64_t until;		/* ns; the ranges: not before at; others: at */
	bool has_end;		/* at...end: a blocking call; system calls only */
	int64_t end;		/* ns, counted from where `at` is counted from:
				 * +.1...0.3 ends 0.3 s after the event before */
};

enum drill_event_kind {
	DRILL_PACKET,
	DRILL_SYSCALL,
	DRILL_COMMAND,		/* `...`: for the shell */
	DRILL_CODE,		/* %{ ... }%: Python */
};

struct drill_event {
	unsigned int line, last_line;	/* from 1 */
	const char *source;	/* the event as it stands in the script, trimmed */
	struct drill_time time;
	enum drill_event_kind kind;
	union {
		const struct drill_packet *packet;
		const struct drill_syscall *call;
		const char *command;	/* between the back-ticks */
		const char *code;	/* between %{ and }% */
	};
	size_t text_len;	/* of command or code */
};

struct drill_option {		/* --name or --name=value, at the head of a script */
	unsigned int line;
	const char *name;	/* "tolerance_usecs": without the dashes */
	const char *value;	/* "" when there is none */
};

struct drill_command {		/* a back-tick command without a time */
	unsigned int line;
	const char *text;
	size_t len;
};

struct drill_script {
	const char *name;	/* as given to drill_parse */
	const struct drill_option *options;
	size_t noptions;
	const struct drill_command *init;
	size_t ninit;
	const struct drill_event *events;
	size_t nevents;
	/* Commands without a time after the last event: they tidy up, and are
	 * to run however the script ends. */
	const struct drill_command *cleanup;
	size_t ncleanup;
};

/* ----------------------------------------------------------------- parsing */

/* -D name=value: wherever the name stands as a word, the value is read. */
struct drill_define {
	const char *name, *value;
};

struct drill_error {
	unsigned int line, column;	/* from 1 */
	char token[64];			/* the offending text, made printable */
	char message[224];		/* "unexpected 'win', expected a sequence range" */
};

/*
 * Parses len bytes of text (any bytes; text need not end in NUL and may be
 * freed afterwards). NULL: *e says what and where; e may be NULL.
 */
struct drill_script *drill_parse(const char *name, const char *text, size_t len,
				 const struct drill_define *defs, size_t ndefs,
				 struct drill_error *e);
void drill_script_free(struct drill_script *s);

/* The last value of --name in the script, NULL: it is not there. */
const char *drill_script_option(const struct drill_script *s, const char *name);

#endif
