/* SPDX-License-Identifier: BSD-2-Clause */
/* The receive parser and the Toeplitz hash; see hw/rss.h. */
#include "hw/rss.h"
#include "hw/e82576_regs.h"
#include "base/uapi.h"

#define ETH_HDR		14u
#define VLAN_TAG	4u

/* 32 bits of the key from bit `bit` on. */
static u32 key_window(const u8 *key, u32 bit)
{
	u32 byte = bit / 8, shift = bit % 8, i;
	u64 w = 0;

	for (i = 0; i < 5; i++)
		w = w << 8 | (byte + i < RSS_KEY_BYTES ? key[byte + i] : 0);
	return (u32)(w >> (8 - shift));
}

void rss_key_ready(struct rss_key *k)
{
	u32 nibble, value, bit;

	for (nibble = 0; nibble < RSS_MAX_INPUT * 2; nibble++)
		for (value = 0; value < 16; value++) {
			u32 h = 0;

			for (bit = 0; bit < 4; bit++)
				if (value & 8u >> bit)
					h ^= key_window(k->key,
							nibble * 4 + bit);
			k->table[nibble][value] = h;
		}
}

u32 rss_toeplitz(const struct rss_key *k, const u8 *input, u32 n)
{
	u32 h = 0, i;

	for (i = 0; i < n; i++) {
		h ^= k->table[2 * i][input[i] >> 4];
		h ^= k->table[2 * i + 1][input[i] & 15];
	}
	return h;
}

static void parse_l4(struct hw_parsed *p, u8 proto, u32 off, u32 end)
{
	u32 need = proto == IPPROTO_TCP ? 20 : 8;

	if ((proto != IPPROTO_TCP && proto != IPPROTO_UDP) || off + need > end)
		return;
	p->l4 = proto;
	p->l4_off = (u16)off;
	p->l4_len = end - off;
}

static void parse_ipv4(struct hw_parsed *p, const u8 *data, u32 off, u32 len)
{
	const u8 *ip = data + off;
	u32 ihl, total;

	if (off + 20 > len || ip[0] >> 4 != 4)
		return;
	ihl = (ip[0] & 15u) * 4;
	total = get_unaligned_be16(ip + 2);
	if (ihl < 20 || total < ihl || off + total > len)
		return;
	p->l3 = 4;
	p->l3_off = (u16)off;
	p->ip_options = ihl > 20;
	if (!(get_unaligned_be16(ip + 6) & 0x3fff))
		parse_l4(p, ip[9], off + ihl, off + total);
}

/* Extension headers end the hardware's interest. */
static void parse_ipv6(struct hw_parsed *p, const u8 *data, u32 off, u32 len)
{
	const u8 *ip = data + off;
	u32 total;

	if (off + 40 > len || ip[0] >> 4 != 6)
		return;
	total = 40 + get_unaligned_be16(ip + 4);
	if (off + total > len)
		return;
	p->l3 = 6;
	p->l3_off = (u16)off;
	parse_l4(p, ip[6], off + 40, off + total);
}

void hw_parse(struct hw_parsed *p, const u8 *data, u32 len)
{
	u32 off = ETH_HDR;
	u16 type;

	*p = (struct hw_parsed){ 0 };
	if (len < ETH_HDR)
		return;
	type = get_unaligned_be16(data + 12);
	if (type == ETH_P_8021Q && len >= ETH_HDR + VLAN_TAG) {
		type = get_unaligned_be16(data + 16);
		off += VLAN_TAG;
	}
	if (type == ETH_P_IP)
		parse_ipv4(p, data, off, len);
	else if (type == ETH_P_IPV6)
		parse_ipv6(p, data, off, len);
}

static u8 rss_type(u32 mrqc, const struct hw_parsed *p)
{
	bool v4 = p->l3 == 4;

	if (p->l4 == IPPROTO_TCP && mrqc & (v4 ? MRQC_TCPV4 : MRQC_TCPV6))
		return v4 ? RSS_TCPV4 : RSS_TCPV6;
	if (p->l4 == IPPROTO_UDP && mrqc & (v4 ? MRQC_UDPV4 : MRQC_UDPV6))
		return v4 ? RSS_UDPV4 : RSS_UDPV6;
	if (mrqc & (v4 ? MRQC_IPV4 : MRQC_IPV6))
		return v4 ? RSS_IPV4 : RSS_IPV6;
	return RSS_NONE;
}

u32 rss_hash_frame(const struct rss_key *k, u32 mrqc, const struct hw_parsed *p,
		   const u8 *data, u8 *type)
{
	u32 addrs = p->l3 == 4 ? 8 : 32;
	u8 input[RSS_MAX_INPUT];

	*type = RSS_NONE;
	if (!p->l3 || (mrqc & MRQC_ENABLE) != MRQC_RSS)
		return 0;
	*type = rss_type(mrqc, p);
	if (*type == RSS_NONE)
		return 0;
	memcpy(input, data + p->l3_off + (p->l3 == 4 ? 12 : 8), addrs);
	if (*type == RSS_IPV4 || *type == RSS_IPV6)
		return rss_toeplitz(k, input, addrs);
	memcpy(input + addrs, data + p->l4_off, 4);
	return rss_toeplitz(k, input, addrs + 4);
}
