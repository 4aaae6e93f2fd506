/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ss [-t] [-u] [-n] [-a] [-l] [-o] [-H] [state NAME] [sport|dport OP :PORT]:
 * sockets from net/tcp and net/udp. Filters may be joined by "and". What is
 * inside of a connection (-i, -m) is not in these views.
 */
#include "commands.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char *const states[] = {	/* by their number */
	"", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",
	"TIME-WAIT", "UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING",
	"SYN-RECV",
};
static const char *const long_names[] = {	/* in "state NAME" */
	"", "established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2",
	"time-wait", "closed", "close-wait", "last-ack", "listening", "closing",
	"syn-recv",
};
#define NR_STATES	(sizeof(states) / sizeof(states[0]))
#define LISTEN		10
#define TIME_WAIT	6
#define CLOSED		7
#define NEW_SYN_RECV	12

struct filter {
	bool tcp, udp, all, listening, timers, no_header;
	unsigned int states;		/* bits; 0: by -a and -l */
	int sport, dport;		/* -1: any */
};

struct sock_line {
	unsigned int laddr, lport, raddr, rport, state, tx, rx, tr, when;
	unsigned int retrans;
};

/* --- words -------------------------------------------------------------------------- */

static int take_state(struct cmd *c, struct filter *f, const char *name)
{
	unsigned int i;

	if (!strcmp(name, "all"))
		f->states |= ~0u;
	else if (!strcmp(name, "connected"))
		f->states |= ~(1u << LISTEN | 1u << CLOSED);
	else if (!strcmp(name, "synchronized"))
		f->states |= ~(1u << LISTEN | 1u << CLOSED | 1u << 2);
	for (i = 1; i < NR_STATES; i++)
		if (!strcmp(name, long_names[i]))
			f->states |= 1u << i;
	if (f->states)
		return ST_OK;
	return cmd_fail(c, ST_FAIL, "wrong state name: %s", name);
}

/* "sport = :80", "dport eq :80"; *i at the first word, moves behind. */
static int take_port(struct cmd *c, struct filter *f, int *i)
{
	int *port = c->argv[*i][0] == 's' ? &f->sport : &f->dport;
	const char *op = *i + 2 < c->argc ? c->argv[*i + 1] : "";
	unsigned int n;

	if ((strcmp(op, "=") && strcmp(op, "==") && strcmp(op, "eq")) ||
	    sscanf(c->argv[*i + 2], ":%u", &n) != 1 || n > 65535)
		return cmd_fail(c, ST_FAIL, "%s = :PORT is expected",
				c->argv[*i]);
	*port = (int)n;
	*i += 3;
	return ST_OK;
}

static int take_letters(struct cmd *c, struct filter *f, const char *o)
{
	for (; *o; o++) {
		f->tcp |= *o == 't';
		f->udp |= *o == 'u';
		f->all |= *o == 'a';
		f->listening |= *o == 'l';
		f->timers |= *o == 'o';
		f->no_header |= *o == 'H';
		if (!strchr("tualonH4", *o))
			return cmd_fail(c, ST_FAIL, "option -%c is not there; "
					"there are -t -u -n -a -l -o -H -4", *o);
	}
	return ST_OK;
}

static int parse(struct cmd *c, struct filter *f)
{
	int i = 1, status = ST_OK;

	while (i < c->argc && !status) {
		const char *w = c->argv[i];

		if (*w == '-') {
			status = take_letters(c, f, w + 1);
			i++;
		} else if (!strcmp(w, "state") && i + 1 < c->argc) {
			status = take_state(c, f, c->argv[i + 1]);
			i += 2;
		} else if (!strcmp(w, "sport") || !strcmp(w, "dport")) {
			status = take_port(c, f, &i);
		} else if (!strcmp(w, "and") || !strcmp(w, "(") ||
			   !strcmp(w, ")")) {
			i++;
		} else {
			status = cmd_fail(c, ST_FAIL, "\"%s\" is not for this "
					  "ss; there are state, sport, dport", w);
		}
	}
	return status;
}

/* --- lines -------------------------------------------------------------------------- */

static bool passes(const struct filter *f, const struct sock_line *s)
{
	bool passive = s->state == LISTEN || s->state == CLOSED;

	if (f->sport >= 0 && (unsigned int)f->sport != s->lport)
		return false;
	if (f->dport >= 0 && (unsigned int)f->dport != s->rport)
		return false;
	if (f->states)
		return f->states >> s->state & 1;
	if (f->listening)
		return passive;
	return f->all || (!passive && s->state != TIME_WAIT &&
			  s->state != NEW_SYN_RECV);
}

static void address(char *to, size_t room, unsigned int addr, unsigned int port)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr, text, sizeof(text));
	if (port)
		snprintf(to, room, "%s:%u", text, port);
	else
		snprintf(to, room, "%s:*", text);
}

static void show_timer(struct cmd *c, const struct sock_line *s)
{
	static const char *const names[] = { "off", "on", "keepalive",
					     "timewait", "persist" };
	unsigned int ms = s->when * 10;

	if (!s->tr || s->tr >= sizeof(names) / sizeof(names[0]))
		return;
	if (ms >= 1000)
		cmd_out(c, " timer:(%s,%usec,%u)", names[s->tr], ms / 1000,
			s->retrans);
	else
		cmd_out(c, " timer:(%s,%ums,%u)", names[s->tr], ms, s->retrans);
}

static void show(struct cmd *c, const struct filter *f, const char *netid,
		 const struct sock_line *s)
{
	char local[32], peer[32];

	address(local, sizeof(local), s->laddr, s->lport);
	address(peer, sizeof(peer), s->raddr, s->rport);
	if (f->tcp && f->udp)
		cmd_out(c, "%-5s ", netid);
	cmd_out(c, "%-10s %-6u %-6u %21s %21s", states[s->state], s->rx, s->tx,
		local, peer);
	if (f->timers)
		show_timer(c, s);
	cmd_out(c, "\n");
}

static void view(struct cmd *c, const struct filter *f, const char *name,
		 const char *netid)
{
	const char *s = conf_view(c->conf, name);
	struct sock_line l;

	for (; s && *s; s += strcspn(s, "\n"), s += *s != '\0')
		if (sscanf(s, " %*u: %8X:%4X %8X:%4X %2X %8X:%8X %2X:%8X %8X",
			   &l.laddr, &l.lport, &l.raddr, &l.rport, &l.state,
			   &l.tx, &l.rx, &l.tr, &l.when, &l.retrans) == 10 &&
		    l.state > 0 && l.state < NR_STATES && passes(f, &l))
			show(c, f, netid, &l);
}

int cmd_ss(struct cmd *c)
{
	struct filter f = { .sport = -1, .dport = -1 };
	int status = parse(c, &f);

	if (status)
		return status;
	if (!f.tcp && !f.udp)
		f.tcp = f.udp = true;
	if (!f.no_header)
		cmd_out(c, "%s%-10s %-6s %-6s %21s %21s\n",
			f.tcp && f.udp ? "Netid " : "", "State", "Recv-Q",
			"Send-Q", "Local Address:Port", "Peer Address:Port");
	if (f.udp)
		view(c, &f, "net/udp", "udp");
	if (f.tcp)
		view(c, &f, "net/tcp", "tcp");
	return ST_OK;
}
