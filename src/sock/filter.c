/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classic BPF: checker and interpreter. The machine has an accumulator A, an
 * index register X and 16 words of memory; jumps go forward only, so a program
 * of n instructions runs at most n steps. Loads beyond the packet end the
 * program with 0 (drop), as does division by zero in X.
 */
#include "sock/filter.h"

#include "base/slab.h"
#include "base/hash.h"

enum {	/* class: code & 7 */
	BPF_LD, BPF_LDX, BPF_ST, BPF_STX, BPF_ALU, BPF_JMP, BPF_RET, BPF_MISC
};
enum { BPF_W = 0x00, BPF_H = 0x08, BPF_B = 0x10 };
enum {	/* mode: code & 0xe0 */
	BPF_IMM = 0x00, BPF_ABS = 0x20, BPF_IND = 0x40, BPF_MEM = 0x60,
	BPF_LEN = 0x80, BPF_MSH = 0xa0
};
enum {	/* operation: code & 0xf0 */
	BPF_ADD = 0x00, BPF_SUB = 0x10, BPF_MUL = 0x20, BPF_DIV = 0x30,
	BPF_OR = 0x40, BPF_AND = 0x50, BPF_LSH = 0x60, BPF_RSH = 0x70,
	BPF_NEG = 0x80, BPF_MOD = 0x90, BPF_XOR = 0xa0
};
enum { BPF_JA = 0x00, BPF_JEQ = 0x10, BPF_JGT = 0x20, BPF_JGE = 0x30,
       BPF_JSET = 0x40 };
enum { BPF_K = 0x00, BPF_X = 0x08, BPF_A = 0x10 };
enum { BPF_TAX = 0x00, BPF_TXA = 0x80 };
#define BPF_MEMWORDS	16

/* Ancillary loads: LD|ABS with k at or above this. */
#define SKF_AD_OFF	((u32)-0x1000)
#define SKF_NET_OFF	((u32)-0x100000)
#define SKF_LL_OFF	((u32)-0x200000)
enum {
	SKF_AD_PROTOCOL = 0, SKF_AD_PKTTYPE = 4, SKF_AD_IFINDEX = 8,
	SKF_AD_MARK = 20, SKF_AD_QUEUE = 24, SKF_AD_HATYPE = 28,
	SKF_AD_RXHASH = 32, SKF_AD_CPU = 36, SKF_AD_VLAN_TAG = 44,
	SKF_AD_VLAN_TAG_PRESENT = 48, SKF_AD_RANDOM = 56,
};

/* --- checker ---------------------------------------------------------------- */

static bool alu_ok(const struct sock_filter *i)
{
	u32 op = i->code & 0xf0;
	bool k = !(i->code & BPF_X);

	if (op > BPF_XOR)
		return false;
	if (k && (op == BPF_DIV || op == BPF_MOD))
		return i->k != 0;
	if (k && (op == BPF_LSH || op == BPF_RSH))
		return i->k < 32;
	return true;
}

static bool load_ok(const struct sock_filter *i)
{
	u32 size = i->code & 0x18, mode = i->code & 0xe0;

	if (mode == BPF_MEM)
		return size == BPF_W && i->k < BPF_MEMWORDS;
	if (mode == BPF_IMM || mode == BPF_LEN)
		return size == BPF_W;
	if ((i->code & 7) == BPF_LDX)
		return mode == BPF_MSH && size == BPF_B;
	return (mode == BPF_ABS || mode == BPF_IND) && size != 0x18;
}

/* `left`: instructions that follow this one. */
static bool jump_ok(const struct sock_filter *i, u32 left)
{
	u32 op = i->code & 0xf0;

	if (op == BPF_JA)
		return i->k < left;
	return op <= BPF_JSET && i->jt < left && i->jf < left;
}

static bool insn_ok(const struct sock_filter *i, u32 left)
{
	if (i->code & 0xff00)
		return false;
	switch (i->code & 7) {
	case BPF_LD:
	case BPF_LDX:
		return load_ok(i);
	case BPF_ST:
	case BPF_STX:
		return (i->code & 0xf8) == 0 && i->k < BPF_MEMWORDS;
	case BPF_ALU:
		return alu_ok(i);
	case BPF_JMP:
		return jump_ok(i, left);
	case BPF_RET:
		return (i->code & 0xf8) == BPF_K || (i->code & 0xf8) == BPF_A;
	default:
		return (i->code & 0xf8) == BPF_TAX || (i->code & 0xf8) == BPF_TXA;
	}
}

int bpf_check_classic(const struct sock_filter *prog, u32 len)
{
	if (len == 0 || len > BPF_MAXINSNS)
		return -EINVAL;
	for (u32 pc = 0; pc < len; pc++)
		if (!insn_ok(&prog[pc], len - pc - 1))
			return -EINVAL;
	return (prog[len - 1].code & 7) == BPF_RET ? 0 : -EINVAL;
}

/* --- interpreter -------------------------------------------------------------- */

struct bpf_machine {
	u32 a, x, mem[BPF_MEMWORDS];
	const struct sk_buff *skb;
};

static bool load_ancillary(struct bpf_machine *m, u32 which)
{
	const struct sk_buff *skb = m->skb;

	switch (which) {
	case SKF_AD_PROTOCOL:
		m->a = be16_to_cpu(skb->protocol);
		return true;
	case SKF_AD_PKTTYPE:
		m->a = skb->pkt_type;
		return true;
	case SKF_AD_IFINDEX:
		m->a = skb->dev ? skb->dev->ifindex : skb->skb_iif;
		return true;
	case SKF_AD_HATYPE:
		m->a = skb->dev ? skb->dev->type : 0;
		return skb->dev;
	case SKF_AD_MARK:
		m->a = skb->mark;
		return true;
	case SKF_AD_QUEUE:
		m->a = skb->queue_mapping;
		return true;
	case SKF_AD_RXHASH:
		m->a = skb->hash;
		return true;
	case SKF_AD_CPU:
		m->a = this_percpu()->id;
		return true;
	case SKF_AD_VLAN_TAG:
		m->a = skb->vlan_tci;
		return true;
	case SKF_AD_VLAN_TAG_PRESENT:
		m->a = skb->vlan_present;
		return true;
	case SKF_AD_RANDOM:
		m->a = this_percpu() ? (u32)hash_fold(skb->id, HASH_K0) : 0;
		return true;
	default:
		return false;
	}
}

/* Offsets relative to the network or link-layer header become ones from data. */
static bool load_offset(const struct sk_buff *skb, u32 k, s64 *off)
{
	if ((s32)k >= 0) {
		*off = k;
		return true;
	}
	if (k >= SKF_NET_OFF) {
		*off = (s64)(k - SKF_NET_OFF) + skb_network_offset(skb);
		return true;
	}
	if (k >= SKF_LL_OFF) {
		*off = (s64)(k - SKF_LL_OFF) +
		       (skb_mac_header(skb) - skb->data);
		return true;
	}
	return false;
}

static const u8 *load_bytes(const struct sk_buff *skb, u32 k, u32 n, u8 *buf)
{
	s64 off;

	if (!load_offset(skb, k, &off))
		return NULL;
	if (off >= 0)
		return off + n > skb->len ? NULL :
		       skb_header_pointer(skb, (u32)off, n, buf);
	/* headers already pulled are linear, between head and data */
	if (-off > skb_headroom(skb) || off + n > (s64)skb_headlen(skb))
		return NULL;
	return skb->data + off;
}

static bool load_packet(struct bpf_machine *m, u32 size, u32 k)
{
	u32 n = size == BPF_W ? 4 : size == BPF_H ? 2 : 1;
	u8 buf[4];
	const u8 *p;

	if (k >= SKF_AD_OFF)
		return load_ancillary(m, k - SKF_AD_OFF);
	p = load_bytes(m->skb, k, n, buf);
	if (!p)
		return false;
	m->a = n == 4 ? get_unaligned_be32(p) :
	       n == 2 ? get_unaligned_be16(p) : *p;
	return true;
}

static bool run_load(struct bpf_machine *m, const struct sock_filter *i)
{
	u32 *to = (i->code & 7) == BPF_LD ? &m->a : &m->x;
	u8 buf[1];
	const u8 *p;

	switch (i->code & 0xe0) {
	case BPF_IMM:
		*to = i->k;
		return true;
	case BPF_MEM:
		*to = m->mem[i->k];
		return true;
	case BPF_LEN:
		*to = m->skb->len;
		return true;
	case BPF_MSH:
		p = load_bytes(m->skb, i->k, 1, buf);
		if (p)
			m->x = (*p & 0xfu) * 4;
		return p;
	case BPF_IND:
		return load_packet(m, i->code & 0x18, i->k + m->x);
	default:
		return load_packet(m, i->code & 0x18, i->k);
	}
}

static bool run_alu(struct bpf_machine *m, const struct sock_filter *i)
{
	u32 v = i->code & BPF_X ? m->x : i->k;

	switch (i->code & 0xf0) {
	case BPF_ADD:
		m->a += v;
		return true;
	case BPF_SUB:
		m->a -= v;
		return true;
	case BPF_MUL:
		m->a *= v;
		return true;
	case BPF_DIV:
		m->a = v ? m->a / v : 0;
		return v;
	case BPF_MOD:
		m->a = v ? m->a % v : 0;
		return v;
	case BPF_OR:
		m->a |= v;
		return true;
	case BPF_AND:
		m->a &= v;
		return true;
	case BPF_XOR:
		m->a ^= v;
		return true;
	case BPF_LSH:
		m->a = m->a << (v & 31);
		return true;
	case BPF_RSH:
		m->a = m->a >> (v & 31);
		return true;
	default:
		m->a = -m->a;
		return true;
	}
}

/* Instructions to pass over. */
static u32 run_jump(const struct bpf_machine *m, const struct sock_filter *i)
{
	u32 v = i->code & BPF_X ? m->x : i->k;
	bool yes;

	switch (i->code & 0xf0) {
	case BPF_JA:
		return i->k;
	case BPF_JEQ:
		yes = m->a == v;
		break;
	case BPF_JGT:
		yes = m->a > v;
		break;
	case BPF_JGE:
		yes = m->a >= v;
		break;
	default:
		yes = m->a & v;
		break;
	}
	return yes ? i->jt : i->jf;
}

/* False: the program ends with 0. */
static bool run_other(struct bpf_machine *m, const struct sock_filter *i)
{
	switch (i->code & 7) {
	case BPF_LD:
	case BPF_LDX:
		return run_load(m, i);
	case BPF_ST:
		m->mem[i->k] = m->a;
		return true;
	case BPF_STX:
		m->mem[i->k] = m->x;
		return true;
	case BPF_ALU:
		return run_alu(m, i);
	default:
		if ((i->code & 0xf8) == BPF_TAX)
			m->x = m->a;
		else
			m->a = m->x;
		return true;
	}
}

u32 bpf_run(const struct sk_filter *f, const struct sk_buff *skb)
{
	struct bpf_machine m = { .skb = skb };

	for (u32 pc = 0; pc < f->len; pc++) {
		const struct sock_filter *i = &f->insns[pc];

		if ((i->code & 7) == BPF_RET)
			return i->code & BPF_A ? m.a : i->k;
		if ((i->code & 7) == BPF_JMP)
			pc += run_jump(&m, i);
		else if (!run_other(&m, i))
			return 0;
	}
	return 0;
}
