/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CUBIC: RFC 9438, in integers, and HyStart (Ha and Rhee, 2011) to leave slow
 * start before it overflows the path.
 *
 *	W(t) = C * (t - K)^3 + Wmax,   K = cbrt((Wmax - cwnd) / C)
 *
 * t is the time since the last reduction in 1/1024 s, C = 0.4 is 410/1024,
 * beta 0.7 is 717/1024. cwnd goes to W(t + RTT) in one round trip by growing
 * by one for every `cnt` packets delivered; where Reno would have grown faster
 * (RFC9438 4.3), as Reno.
 *
 * HyStart ends slow start when ACKs of one round keep coming closely together
 * for longer than half the least RTT (the pipe is full), or when the RTT of a
 * round has grown by an eighth.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

#define CUBIC_BETA	717u		/* of 1024 */
#define CUBIC_SCALE	1024u
#define CUBIC_C		410u		/* 0.4 of 1024 */
#define CUBIC_HZ_SHIFT	10		/* time in 1/1024 s */
#define CUBIC_SHIFT	(10 + 3 * CUBIC_HZ_SHIFT)
/* RFC9438 4.3: 8 / alpha, alpha = 3 * (1 - beta) / (1 + beta) */
#define CUBIC_FRIENDLY	(8 * (CUBIC_SCALE + CUBIC_BETA) / 3 / \
			 (CUBIC_SCALE - CUBIC_BETA))
#define CUBIC_RECALC_MS	31		/* HZ / 32 */

#define HYSTART_TRAIN		1	/* of hystart_detect */
#define HYSTART_DELAY		2
#define HYSTART_LOW_WINDOW	16u
#define HYSTART_MIN_SAMPLES	8
#define HYSTART_ACK_DELTA_US	2000
#define HYSTART_DELAY_MIN_US	4000u
#define HYSTART_DELAY_MAX_US	16000u

struct cubic {
	u32 cnt;			/* packets delivered per +1 */
	u32 last_max_cwnd;		/* Wmax */
	u32 last_cwnd, last_time;	/* of the last computation; ms */
	u32 origin, k;			/* plateau, and when it is reached */
	u32 epoch_start;		/* ms, 0: none */
	u32 ack_cnt, reno_cwnd;		/* what Reno would have */
	u32 delay_min_us;
	/* HyStart, of this round */
	u32 round_start_us, last_ack_us, end_seq, curr_rtt_us;
	u8 samples;
	bool found;
};
static_assert(sizeof(struct cubic) <= sizeof(((struct tcp_sock *)0)->ca_priv),
	      "fits ca_priv");

static struct cubic *cubic_of(struct sock *sk)
{
	return tcp_ca(sk);
}

/* Largest r with r^3 <= x. */
static u32 cubic_root(u64 x)
{
	u64 r = 0;

	for (int shift = 63; shift >= 0; shift -= 3) {
		u64 step;

		r <<= 1;
		step = 3 * r * (r + 1) + 1;	/* (r + 1)^3 - r^3 */
		if ((x >> shift) >= step) {
			x -= step << shift;
			r++;
		}
	}
	return (u32)r;
}

/* --- HyStart ----------------------------------------------------------------------- */

static void hystart_reset(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct cubic *ca = cubic_of(sk);

	ca->round_start_us = ca->last_ack_us = (u32)tp->tcp_mstamp;
	ca->end_seq = tp->snd_nxt;
	ca->curr_rtt_us = ~0u;
	ca->samples = 0;
}

/* A large GSO packet leaves as a train by itself: its length is no sign. */
static u32 hystart_ack_delay_us(const struct sock *sk)
{
	u64 rate = READ_ONCE(sk->pacing_rate);

	if (!rate)
		return 0;
	return (u32)min((u64)1000, (u64)GSO_MAX_SIZE * 4 * 1000000 / rate);
}

static bool hystart_train(struct sock *sk, struct cubic *ca)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 now = (u32)tp->tcp_mstamp;
	u32 limit = ca->delay_min_us + hystart_ack_delay_us(sk);

	if ((s32)(now - ca->last_ack_us) > HYSTART_ACK_DELTA_US)
		return false;
	ca->last_ack_us = now;
	/* Pacing spreads the packets themselves over half the round trip. */
	if (!tp->pacing_needed)
		limit >>= 1;
	return (s32)(now - ca->round_start_us) > (s32)limit;
}

static bool hystart_delay(struct cubic *ca, u32 delay_us)
{
	u32 allowed = clamp_t(u32, ca->delay_min_us >> 3, HYSTART_DELAY_MIN_US,
			      HYSTART_DELAY_MAX_US);

	ca->curr_rtt_us = min(ca->curr_rtt_us, delay_us);
	if (ca->samples < HYSTART_MIN_SAMPLES) {
		ca->samples++;
		return false;
	}
	return ca->curr_rtt_us > ca->delay_min_us + allowed;
}

static void hystart_update(struct sock *sk, u32 delay_us)
{
	u8 how = tcp_net(sk)->cubic_hystart_detect;
	struct tcp_sock *tp = tcp_sk(sk);
	struct cubic *ca = cubic_of(sk);

	if (after(tp->snd_una, ca->end_seq))
		hystart_reset(sk);
	if (how & HYSTART_TRAIN && hystart_train(sk, ca)) {
		ca->found = true;
		NET_INC_STATS(sock_net(sk), TcpExt, TCPHystartTrainDetect);
		NET_ADD_STATS(sock_net(sk), TcpExt, TCPHystartTrainCwnd,
			      tp->snd_cwnd);
		tp->snd_ssthresh = tp->snd_cwnd;
	}
	if (how & HYSTART_DELAY && hystart_delay(ca, delay_us)) {
		ca->found = true;
		NET_INC_STATS(sock_net(sk), TcpExt, TCPHystartDelayDetect);
		NET_ADD_STATS(sock_net(sk), TcpExt, TCPHystartDelayCwnd,
			      tp->snd_cwnd);
		tp->snd_ssthresh = tp->snd_cwnd;
	}
}

/* --- CUBIC ------------------------------------------------------------------------------ */

static void cubic_reset(struct sock *sk)
{
	memset(cubic_of(sk), 0, sizeof(struct cubic));
}

static void cubic_init(struct sock *sk)
{
	cubic_reset(sk);
	hystart_reset(sk);
}

/* A pause is no congestion-free time: the curve stands still. */
static void cubic_cwnd_event(struct sock *sk, enum tcp_ca_event ev)
{
	struct cubic *ca = cubic_of(sk);
	u32 now = tcp_now_ts(tcp_sk(sk));
	s32 idle;

	if (ev != CA_EVENT_TX_START)
		return;
	idle = (s32)(now - tcp_sk(sk)->lsndtime);
	if (ca->epoch_start && idle > 0) {
		ca->epoch_start += (u32)idle;
		if ((s32)(ca->epoch_start - now) > 0)
			ca->epoch_start = now;
	}
}

/* RFC9438 4.2: a new epoch. */
static void cubic_epoch(struct cubic *ca, u32 cwnd, u32 acked, u32 now)
{
	ca->epoch_start = now;
	ca->ack_cnt = acked;
	ca->reno_cwnd = cwnd;
	if (ca->last_max_cwnd <= cwnd) {
		ca->k = 0;
		ca->origin = cwnd;
	} else {
		ca->k = cubic_root(((1ull << CUBIC_SHIFT) / CUBIC_C) *
				   (ca->last_max_cwnd - cwnd));
		ca->origin = ca->last_max_cwnd;
	}
}

/* W(t + RTT) */
static u32 cubic_target(const struct cubic *ca, u32 now)
{
	u64 t = (u64)(u32)(now - ca->epoch_start) + ca->delay_min_us / 1000;
	u64 off, delta;

	t = (t << CUBIC_HZ_SHIFT) / 1000;
	off = t < ca->k ? ca->k - t : t - ca->k;
	off = min(off, (u64)1 << 17);	/* two minutes: no overflow below */
	delta = (CUBIC_C * off * off * off) >> CUBIC_SHIFT;
	return t < ca->k ? ca->origin - (u32)delta : ca->origin + (u32)delta;
}

/* RFC9438 4.3: not slower than Reno. */
static void cubic_friendliness(struct cubic *ca, u32 cwnd)
{
	u32 per_reno = (cwnd * CUBIC_FRIENDLY) >> 3, ahead;

	while (per_reno && ca->ack_cnt > per_reno) {
		ca->ack_cnt -= per_reno;
		ca->reno_cwnd++;
	}
	if (ca->reno_cwnd > cwnd) {
		ahead = cwnd / (ca->reno_cwnd - cwnd);
		ca->cnt = min(ca->cnt, ahead);
	}
}

static void cubic_update(struct cubic *ca, u32 cwnd, u32 acked, u32 now)
{
	u32 target;

	ca->ack_cnt += acked;
	if (ca->last_cwnd == cwnd &&
	    (s32)(now - ca->last_time) <= CUBIC_RECALC_MS)
		return;
	if (!ca->epoch_start || now != ca->last_time) {
		ca->last_cwnd = cwnd;
		ca->last_time = now;
		if (!ca->epoch_start)
			cubic_epoch(ca, cwnd, acked, now ? now : 1);
		target = cubic_target(ca, now);
		ca->cnt = target > cwnd ? cwnd / (target - cwnd) : 100 * cwnd;
		/* No loss yet: at least 5 per cent per round trip. */
		if (!ca->last_max_cwnd && ca->cnt > 20)
			ca->cnt = 20;
	}
	cubic_friendliness(ca, cwnd);
	/* at most half a packet per packet delivered */
	ca->cnt = max(ca->cnt, 2u);
}

static void cubic_cong_avoid(struct sock *sk, u32 ack, u32 acked)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct cubic *ca = cubic_of(sk);

	if (!tcp_is_cwnd_limited(tp))
		return;
	if (tcp_in_slow_start(tp)) {
		acked = tcp_slow_start(tp, acked);
		if (!acked)
			return;
	}
	cubic_update(ca, tp->snd_cwnd, acked, tcp_now_ts(tp));
	tcp_cong_avoid_ai(tp, ca->cnt, acked);
}

/* RFC9438 4.6, with fast convergence 4.7 */
static u32 cubic_ssthresh(struct sock *sk)
{
	u32 cwnd = tcp_sk(sk)->snd_cwnd;
	struct cubic *ca = cubic_of(sk);

	ca->epoch_start = 0;
	if (cwnd < ca->last_max_cwnd)
		ca->last_max_cwnd = (u32)((u64)cwnd * (CUBIC_SCALE + CUBIC_BETA) /
					  (2 * CUBIC_SCALE));
	else
		ca->last_max_cwnd = cwnd;
	return max((u32)((u64)cwnd * CUBIC_BETA / CUBIC_SCALE), 2u);
}

static void cubic_set_state(struct sock *sk, enum tcp_ca_state s)
{
	if (s != TCP_CA_Loss)
		return;
	cubic_reset(sk);
	hystart_reset(sk);
}

static void cubic_pkts_acked(struct sock *sk, const struct ack_sample *s)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct cubic *ca = cubic_of(sk);
	u32 delay;

	if (s->rtt_us < 0)
		return;
	/* Right after recovery queues are still as they were. */
	if (ca->epoch_start && (s32)(tcp_now_ts(tp) - ca->epoch_start) < 1000)
		return;
	delay = s->rtt_us ? (u32)s->rtt_us : 1;
	if (!ca->delay_min_us || ca->delay_min_us > delay)
		ca->delay_min_us = delay;
	if (tcp_net(sk)->cubic_hystart && !ca->found && tcp_in_slow_start(tp) &&
	    tp->snd_cwnd >= HYSTART_LOW_WINDOW)
		hystart_update(sk, delay);
}

const struct tcp_congestion_ops tcp_cubic_tmpl = {
	.name = "cubic",
	.init = cubic_init,
	.ssthresh = cubic_ssthresh,
	.cong_avoid = cubic_cong_avoid,
	.set_state = cubic_set_state,
	.cwnd_event = cubic_cwnd_event,
	.pkts_acked = cubic_pkts_acked,
	.undo_cwnd = tcp_reno_undo_cwnd,
};
