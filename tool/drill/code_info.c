/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members of struct tcp_info and others by offset and size, as Linux 6.18 has
 * them: libc's headers may be older than the stack.
 */
#include "code_info.h"

#include <stdbool.h>
#include <string.h>

struct member {
	const char *name;
	unsigned short offset;
	unsigned char size;		/* bytes */
	unsigned char shift, bits;	/* of a bit field; bits 0: it is none */
};

static const struct member tcp_info[] = {
	{ "tcpi_state", 0, 1 }, { "tcpi_ca_state", 1, 1 }, { "tcpi_retransmits", 2, 1 },
	{ "tcpi_probes", 3, 1 }, { "tcpi_backoff", 4, 1 }, { "tcpi_options", 5, 1 },
	{ "tcpi_snd_wscale", 6, 1, 0, 4 }, { "tcpi_rcv_wscale", 6, 1, 4, 4 },
	{ "tcpi_delivery_rate_app_limited", 7, 1, 0, 1 },
	{ "tcpi_fastopen_client_fail", 7, 1, 1, 2 },
	{ "tcpi_rto", 8, 4 }, { "tcpi_ato", 12, 4 }, { "tcpi_snd_mss", 16, 4 },
	{ "tcpi_rcv_mss", 20, 4 }, { "tcpi_unacked", 24, 4 }, { "tcpi_sacked", 28, 4 },
	{ "tcpi_lost", 32, 4 }, { "tcpi_retrans", 36, 4 }, { "tcpi_fackets", 40, 4 },
	{ "tcpi_last_data_sent", 44, 4 }, { "tcpi_last_ack_sent", 48, 4 },
	{ "tcpi_last_data_recv", 52, 4 }, { "tcpi_last_ack_recv", 56, 4 },
	{ "tcpi_pmtu", 60, 4 }, { "tcpi_rcv_ssthresh", 64, 4 }, { "tcpi_rtt", 68, 4 },
	{ "tcpi_rttvar", 72, 4 }, { "tcpi_snd_ssthresh", 76, 4 }, { "tcpi_snd_cwnd", 80, 4 },
	{ "tcpi_advmss", 84, 4 }, { "tcpi_reordering", 88, 4 }, { "tcpi_rcv_rtt", 92, 4 },
	{ "tcpi_rcv_space", 96, 4 }, { "tcpi_total_retrans", 100, 4 },
	{ "tcpi_pacing_rate", 104, 8 }, { "tcpi_max_pacing_rate", 112, 8 },
	{ "tcpi_bytes_acked", 120, 8 }, { "tcpi_bytes_received", 128, 8 },
	{ "tcpi_segs_out", 136, 4 }, { "tcpi_segs_in", 140, 4 },
	{ "tcpi_notsent_bytes", 144, 4 }, { "tcpi_min_rtt", 148, 4 },
	{ "tcpi_data_segs_in", 152, 4 }, { "tcpi_data_segs_out", 156, 4 },
	{ "tcpi_delivery_rate", 160, 8 }, { "tcpi_busy_time", 168, 8 },
	{ "tcpi_rwnd_limited", 176, 8 }, { "tcpi_sndbuf_limited", 184, 8 },
	{ "tcpi_delivered", 192, 4 }, { "tcpi_delivered_ce", 196, 4 },
	{ "tcpi_bytes_sent", 200, 8 }, { "tcpi_bytes_retrans", 208, 8 },
	{ "tcpi_dsack_dups", 216, 4 }, { "tcpi_reord_seen", 220, 4 },
	{ "tcpi_rcv_ooopack", 224, 4 }, { "tcpi_snd_wnd", 228, 4 },
	{ "tcpi_rcv_wnd", 232, 4 }, { "tcpi_rehash", 236, 4 }, { "tcpi_total_rto", 240, 2 },
	{ "tcpi_total_rto_recoveries", 242, 2 }, { "tcpi_total_rto_time", 244, 4 },
	{ "tcpi_received_ce", 248, 4 }, { "tcpi_delivered_e1_bytes", 252, 4 },
	{ "tcpi_delivered_e0_bytes", 256, 4 }, { "tcpi_delivered_ce_bytes", 260, 4 },
	{ "tcpi_received_e1_bytes", 264, 4 }, { "tcpi_received_e0_bytes", 268, 4 },
	{ "tcpi_received_ce_bytes", 272, 4 }, { "tcpi_accecn_fail_mode", 276, 2 },
	{ "tcpi_accecn_opt_seen", 278, 2 },
};

static const struct member vegas[] = {
	{ "tcpv_enabled", 0, 4 }, { "tcpv_rttcnt", 4, 4 }, { "tcpv_rtt", 8, 4 },
	{ "tcpv_minrtt", 12, 4 },
};

static const struct member dctcp[] = {
	{ "dctcp_enabled", 0, 2 }, { "dctcp_ce_state", 2, 2 }, { "dctcp_alpha", 4, 4 },
	{ "dctcp_ab_ecn", 8, 4 }, { "dctcp_ab_tot", 12, 4 },
};

static const struct member bbr[] = {
	{ "bbr_bw_lo", 0, 4 }, { "bbr_bw_hi", 4, 4 }, { "bbr_min_rtt", 8, 4 },
	{ "bbr_pacing_gain", 12, 4 }, { "bbr_cwnd_gain", 16, 4 },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t number(const struct member *m, const uint8_t *from)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (m->size) {
	case 1:
		u8 = from[m->offset];
		return m->bits ? u8 >> m->shift & ((1U << m->bits) - 1) : u8;
	case 2:
		memcpy(&u16, from + m->offset, 2);
		return u16;
	case 4:
		memcpy(&u32, from + m->offset, 4);
		return u32;
	default:
		memcpy(&u64, from + m->offset, 8);
		return u64;
	}
}

static void tell(FILE *to, const struct member *m, size_t n, const uint8_t *from, size_t len)
{
	for (; n; n--, m++)
		if ((size_t)m->offset + m->size <= len)
			fprintf(to, "%s = %llu\n", m->name, (unsigned long long)number(m, from));
}

void code_tell_tcp_info(FILE *to, const uint8_t *info, size_t len)
{
	tell(to, tcp_info, N(tcp_info), info, len);
}

void code_tell_meminfo(FILE *to, const uint32_t *mem, size_t n)
{
	static const char *const names[] = {
		"RMEM_ALLOC", "RCVBUF", "WMEM_ALLOC", "SNDBUF", "FWD_ALLOC", "WMEM_QUEUED",
		"OPTMEM", "BACKLOG", "DROPS",
	};
	size_t i;

	for (i = 0; i < n && i < N(names); i++)
		fprintf(to, "SK_MEMINFO_%s = %u\n", names[i], mem[i]);
}

void code_tell_cc_info(FILE *to, const char *control, const uint8_t *info, size_t len)
{
	if (!strncmp(control, "bbr", 3))
		tell(to, bbr, N(bbr), info, len);
	else if (!strcmp(control, "dctcp"))
		tell(to, dctcp, N(dctcp), info, len);
	else
		tell(to, vegas, N(vegas), info, len);
}

void code_tell_constants(FILE *to)
{
	static const struct {
		const char *name;
		unsigned int value;
	} all[] = {
		{ "TCP_ESTABLISHED", 1 }, { "TCP_SYN_SENT", 2 }, { "TCP_SYN_RECV", 3 },
		{ "TCP_FIN_WAIT1", 4 }, { "TCP_FIN_WAIT2", 5 }, { "TCP_TIME_WAIT", 6 },
		{ "TCP_CLOSE", 7 }, { "TCP_CLOSE_WAIT", 8 }, { "TCP_LAST_ACK", 9 },
		{ "TCP_LISTEN", 10 }, { "TCP_CLOSING", 11 }, { "TCP_NEW_SYN_RECV", 12 },
		{ "TCP_CA_Open", 0 }, { "TCP_CA_Disorder", 1 }, { "TCP_CA_CWR", 2 },
		{ "TCP_CA_Recovery", 3 }, { "TCP_CA_Loss", 4 },
		{ "TCPI_OPT_TIMESTAMPS", 1 }, { "TCPI_OPT_SACK", 2 }, { "TCPI_OPT_WSCALE", 4 },
		{ "TCPI_OPT_ECN", 8 }, { "TCPI_OPT_ECN_SEEN", 16 }, { "TCPI_OPT_SYN_DATA", 32 },
		{ "TCPI_OPT_USEC_TS", 64 }, { "TCPI_OPT_TFO_CHILD", 128 },
		{ "TCP_INFINITE_SSTHRESH", 0x7fffffff },
		{ "BBR_UNIT", 256 },
	};
	size_t i;

	for (i = 0; i < N(all); i++)
		fprintf(to, "%s = %u\n", all[i].name, all[i].value);
}
