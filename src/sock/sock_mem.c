/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory accounting, two kinds of it.
 *
 * Per socket: every packet on a receive queue counts its truesize against
 * rcvbuf (rmem_alloc), every packet handed down against sndbuf (wmem_alloc)
 * until somebody frees it; the destructor of the packet gives it back and
 * tells writers.
 *
 * Per protocol (tcp_mem, udp_mem; in pages): a stream sock reserves whole
 * pages from its protocol (forward_alloc) and charges packets to them. Below
 * the first limit everything goes; between first and third each sock has its
 * minimum, and under pressure a fair share; above the third nothing but what
 * a sender within its sndbuf must have.
 */
#include "sock/sock.h"

#include "sock/sock_mem.h"

#define SK_PAGE		4096u
/* Unused reservation that a sock may keep. */
#define SK_KEEP		(16 * SK_PAGE)

static s64 *mem_counter(const struct sock *sk)
{
	return &sock_net(sk)->sock->memory_allocated[sk->sk_prot->mem_index];
}

static bool *mem_pressure(const struct sock *sk)
{
	return &sock_net(sk)->sock->memory_pressure[sk->sk_prot->mem_index];
}

static s64 mem_limit(const struct sock *sk, int i)
{
	return READ_ONCE(sock_net(sk)->sock->sysctl_mem[sk->sk_prot->mem_index][i]);
}

/* What a sock may always have. */
static u32 mem_min(const struct sock *sk, bool recv)
{
	const struct sock_net *sn = sock_net(sk)->sock;
	u8 i = sk->sk_prot->mem_index;

	return recv ? READ_ONCE(((struct sock_net *)sn)->rmem_min[i]) :
		      READ_ONCE(((struct sock_net *)sn)->wmem_min[i]);
}

bool sk_under_memory_pressure(const struct sock *sk)
{
	return READ_ONCE(*mem_pressure(sk));
}

bool sk_out_of_memory(const struct sock *sk)
{
	return READ_ONCE(*mem_counter(sk)) > mem_limit(sk, 2) &&
	       READ_ONCE(sk->wmem_queued) > mem_min(sk, false);
}

static void set_pressure(struct sock *sk, bool on)
{
	if (READ_ONCE(*mem_pressure(sk)) == on)
		return;
	WRITE_ONCE(*mem_pressure(sk), on);
	if (on && sk->sk_prot->mem_index == SK_MEM_TCP)
		NET_INC_STATS(sock_net(sk), TcpExt, TCPMemoryPressures);
}

/* Share of one sock when all had the same, against what it has. */
static bool within_fair_share(const struct sock *sk)
{
	struct sock_net *sn = sock_net(sk)->sock;
	s64 socks = READ_ONCE(sn->sockets_allocated[sk->sk_prot->mem_index]);
	s64 bytes = (s64)sk->wmem_queued + sk_rmem_alloc_get(sk) +
		    sk->forward_alloc;

	return mem_limit(sk, 2) > socks * ((bytes + SK_PAGE - 1) / SK_PAGE);
}

static bool mem_allowed(struct sock *sk, s64 allocated, u32 size, bool recv)
{
	bool stream = sk->sk_prot->connection_based;

	if (allocated <= mem_limit(sk, 0)) {
		set_pressure(sk, false);
		return true;
	}
	if (allocated > mem_limit(sk, 1))
		set_pressure(sk, true);
	if (allocated <= mem_limit(sk, 2)) {
		u32 has = recv ? sk_rmem_alloc_get(sk) :
			  stream ? sk->wmem_queued : sk_wmem_alloc_get(sk);

		if (has < mem_min(sk, recv))
			return true;
		if (!sk_under_memory_pressure(sk) || within_fair_share(sk))
			return true;
	}
	/* The sender is over its buffer already and will wait for it. */
	return !recv && stream && (s64)sk->wmem_queued + size >= sk->sndbuf;
}

bool sk_mem_raise_allocated(struct sock *sk, u32 size, bool recv)
{
	u32 pages = (size + SK_PAGE - 1) / SK_PAGE;
	s64 now = __atomic_add_fetch(mem_counter(sk), pages, __ATOMIC_RELAXED);

	if (mem_allowed(sk, now, size, recv)) {
		sk->forward_alloc += pages * SK_PAGE;
		return true;
	}
	__atomic_fetch_sub(mem_counter(sk), pages, __ATOMIC_RELAXED);
	return false;
}

bool sk_wmem_schedule(struct sock *sk, u32 size)
{
	return size <= sk->forward_alloc ||
	       sk_mem_raise_allocated(sk, size - sk->forward_alloc, false);
}

bool sk_rmem_schedule(struct sock *sk, u32 size)
{
	return size <= sk->forward_alloc ||
	       sk_mem_raise_allocated(sk, size - sk->forward_alloc, true);
}

/* Gives back all whole pages beyond `keep` bytes. */
static void mem_give_back(struct sock *sk, u32 keep)
{
	u32 pages;

	if (sk->forward_alloc < keep + SK_PAGE)
		return;
	pages = (sk->forward_alloc - keep) / SK_PAGE;
	sk->forward_alloc -= pages * SK_PAGE;
	if (__atomic_sub_fetch(mem_counter(sk), pages, __ATOMIC_RELAXED) <
	    mem_limit(sk, 0))
		set_pressure(sk, false);
}

/* Forced charges (after a failed schedule) reserve what is missing. */
void sk_mem_charge(struct sock *sk, u32 size)
{
	if (unlikely(size > sk->forward_alloc)) {
		u32 pages = (size - sk->forward_alloc + SK_PAGE - 1) / SK_PAGE;

		__atomic_fetch_add(mem_counter(sk), pages, __ATOMIC_RELAXED);
		sk->forward_alloc += pages * SK_PAGE;
	}
	sk->forward_alloc -= size;
}

void sk_mem_uncharge(struct sock *sk, u32 size)
{
	sk->forward_alloc += size;
	if (unlikely(sk->forward_alloc > 2 * SK_KEEP))
		mem_give_back(sk, SK_KEEP);
}

void sk_mem_reclaim(struct sock *sk)
{
	mem_give_back(sk, 0);
}

/* --- packets of a socket -------------------------------------------------- */

void sock_rfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	__atomic_fetch_sub(&sk->rmem_alloc, skb->truesize, __ATOMIC_RELAXED);
	if (sk->sk_prot->connection_based)
		sk_mem_uncharge(sk, skb->truesize);
}

void skb_set_owner_r(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_rfree;
	__atomic_fetch_add(&sk->rmem_alloc, skb->truesize, __ATOMIC_RELAXED);
	if (sk->sk_prot->connection_based)
		sk_mem_charge(sk, skb->truesize);
}

/*
 * Writers are told while one byte is still charged: the sock cannot go away
 * under write_space. A stream's write_space looks at its own queues, and is
 * called when acknowledgements empty them; for it nothing is to be told here.
 */
void sock_wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	if (sk->sk_prot->connection_based) {
		sk_wmem_put(sk, skb->truesize);
		return;
	}
	__atomic_fetch_sub(&sk->wmem_alloc, skb->truesize - 1, __ATOMIC_ACQ_REL);
	sk->write_space(sk);
	sk_wmem_put(sk, 1);
}

void skb_set_owner_w(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_wfree;
	__atomic_fetch_add(&sk->wmem_alloc, skb->truesize, __ATOMIC_RELAXED);
}
