/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers and descriptors of the Intel 82576 family, as in the public
 * datasheet (82576 8: registers, 7.1.5: receive descriptors, 7.2.2: transmit
 * descriptors). Shared by the driver and the model; offsets in bytes.
 *
 * The last part is a virtual extension that a real card does not have: a page
 * of registers beyond the 82576's, and a side ring beside each descriptor
 * ring. With them a frame keeps its packet id across the hardware, and large
 * frames travel whole between ports of one segment, as virtio does it.
 */
#ifndef WEIR_HW_E82576_REGS_H
#define WEIR_HW_E82576_REGS_H

#include "base/types.h"

#define E82576_QUEUES	16u		/* 82576 1.6 */
#define E82576_VECTORS	25u		/* MSI-X, 82576 7.3 */
#define E82576_MAX_RING	4096u

/* --- general (8.2) ------------------------------------------------------- */

#define E1000_CTRL	0x00000
#define  CTRL_SLU	(1u << 6)	/* set link up */
#define  CTRL_RST	(1u << 26)
#define  CTRL_VME	(1u << 30)	/* strip and insert VLAN tags */
#define E1000_STATUS	0x00008
#define  STATUS_FD	(1u << 0)
#define  STATUS_LU	(1u << 1)
#define  STATUS_SPEED_1000 (2u << 6)
#define E1000_CTRL_EXT	0x00018

/* --- interrupts (8.8) ---------------------------------------------------- */

#define E1000_ICR	0x01500		/* read clears */
#define E1000_ICS	0x01504
#define E1000_IMS	0x01508
#define E1000_IMC	0x0150c
#define E1000_IAM	0x01510
#define  ICR_TXDW	(1u << 0)	/* transmit descriptor written back */
#define  ICR_LSC	(1u << 2)	/* link status change */
#define  ICR_RXDMT0	(1u << 4)	/* few receive descriptors left */
#define  ICR_RXDW	(1u << 7)	/* receive descriptor written back */
#define  ICR_FER	(1u << 22)	/* fatal error: bad descriptor */
#define E1000_GPIE	0x01514
#define  GPIE_NSICR	(1u << 0)
#define  GPIE_MULTI_MSIX (1u << 4)
#define  GPIE_EIAME	(1u << 30)
#define  GPIE_PBA	(1u << 31)
#define E1000_EICS	0x01520
#define E1000_EIMS	0x01524
#define E1000_EIMC	0x01528
#define E1000_EIAC	0x0152c
#define E1000_EIAM	0x01530
#define E1000_EICR	0x01580		/* write 1 clears */
#define E1000_EITR(n)	(0x01680 + 4 * (n))
#define  EITR_INTERVAL	0x7ffcu		/* bits 14:2, in us */
#define E1000_IVAR(n)	(0x01700 + 4 * (n))
#define  IVAR_VALID	0x80u
#define E1000_IVAR_MISC	0x01740

/* --- receive (8.10) ------------------------------------------------------ */

#define E1000_RCTL	0x00100
#define  RCTL_EN	(1u << 1)
#define  RCTL_SBP	(1u << 2)
#define  RCTL_UPE	(1u << 3)	/* unicast promiscuous */
#define  RCTL_MPE	(1u << 4)	/* multicast promiscuous */
#define  RCTL_LPE	(1u << 5)	/* long packets */
#define  RCTL_BAM	(1u << 15)	/* accept broadcast */
#define  RCTL_SECRC	(1u << 26)	/* strip the CRC */
#define E1000_RXCSUM	0x05000
#define  RXCSUM_IPOFL	(1u << 8)
#define  RXCSUM_TUOFL	(1u << 9)
#define  RXCSUM_PCSD	(1u << 13)	/* RSS hash instead of fragment csum */
#define E1000_RLPML	0x05004
#define E1000_RFCTL	0x05008
#define E1000_MTA(n)	(0x05200 + 4 * (n))
#define E1000_RAL(n)	(0x05400 + 8 * (n))
#define E1000_RAH(n)	(0x05404 + 8 * (n))
#define  RAH_AV		(1u << 31)
#define E1000_VFTA(n)	(0x05600 + 4 * (n))
#define E1000_MRQC	0x05818
#define  MRQC_ENABLE	0x7u
#define  MRQC_RSS	0x2u
#define  MRQC_TCPV4	(1u << 16)
#define  MRQC_IPV4	(1u << 17)
#define  MRQC_IPV6	(1u << 20)
#define  MRQC_TCPV6	(1u << 21)
#define  MRQC_UDPV4	(1u << 22)
#define  MRQC_UDPV6	(1u << 23)
#define E1000_RETA(n)	(0x05c00 + 4 * (n))	/* 32 words, 4 entries each */
#define E1000_RSSRK(n)	(0x05c80 + 4 * (n))	/* 10 words of key */

/* Queue n; the offsets of a queue's registers repeat every 0x40. */
#define E1000_RX_Q(n, r) (0x0c000 + 0x40 * (n) + (r))
#define E1000_TX_Q(n, r) (0x0e000 + 0x40 * (n) + (r))
#define  Q_BAL		0x00
#define  Q_BAH		0x04
#define  Q_LEN		0x08
#define  Q_SRRCTL	0x0c
#define  Q_HEAD		0x10
#define  Q_TAIL		0x18
#define  Q_DCTL		0x28		/* RXDCTL, TXDCTL */
#define  Q_RQDPC	0x30		/* frames dropped; read clears */
#define  Q_XBAL		0x38		/* side ring (virtual extension; in */
#define  Q_XBAH		0x3c		/* the 82576 TDWBA: head write-back) */
#define  SRRCTL_BSIZE	0x7fu		/* buffer size in KB */
#define  SRRCTL_ADV_ONE	(1u << 25)	/* advanced, one buffer */
#define  SRRCTL_DROP_EN	(1u << 31)	/* no descriptor: drop, do not wait */
#define  DCTL_WTHRESH	(0x1fu << 16)	/* descriptors written back together */
#define  DCTL_WTHRESH_SHIFT 16
#define  DCTL_ENABLE	(1u << 25)
#define  DCTL_SWFLSH	(1u << 26)	/* TXDCTL: write back now */

/* --- transmit (8.12) ------------------------------------------------------ */

#define E1000_TCTL	0x00400
#define  TCTL_EN	(1u << 1)
#define  TCTL_PSP	(1u << 3)

/* --- statistics (8.18); read clears ---------------------------------------- */

#define E1000_STATS	0x04000
#define E1000_STATS_END	0x04124
#define E1000_CRCERRS	0x04000
#define E1000_RXERRC	0x0400c
#define E1000_MPC	0x04010		/* missed: no room */
#define E1000_RLEC	0x04040		/* length error */
#define E1000_XOFFRXC	0x04050		/* pauses received */
#define E1000_GPRC	0x04074
#define E1000_BPRC	0x04078
#define E1000_MPRC	0x0407c
#define E1000_GPTC	0x04080
#define E1000_GORCL	0x04088
#define E1000_GORCH	0x0408c
#define E1000_GOTCL	0x04090
#define E1000_GOTCH	0x04094
#define E1000_RNBC	0x040a0		/* no buffer when the frame came */
#define E1000_RUC	0x040a4
#define E1000_ROC	0x040ac
#define E1000_TORL	0x040c0
#define E1000_TORH	0x040c4
#define E1000_TPR	0x040d0
#define E1000_TPT	0x040d4
#define E1000_MPTC	0x040f0
#define E1000_BPTC	0x040f4
#define E1000_TSCTC	0x040f8		/* TSO contexts used */
#define E1000_IAC	0x04100		/* interrupts asserted */

/* --- receive descriptor, advanced (7.1.5) ----------------------------------- */

union e1000_adv_rx_desc {
	struct {
		u64 pkt_addr, hdr_addr;
	} read;
	struct {
		u16 pkt_info;		/* RSS type 3:0, packet type 16:4 */
		u16 hdr_info;
		u32 rss;
		u32 status_error;
		u16 length, vlan;
	} wb;
};
static_assert(sizeof(union e1000_adv_rx_desc) == 16, "82576 7.1.5");

#define RXD_STAT_DD	(1u << 0)
#define RXD_STAT_EOP	(1u << 1)
#define RXD_STAT_VP	(1u << 3)	/* VLAN tag was stripped */
#define RXD_STAT_UDPCS	(1u << 4)	/* UDP checksum looked at */
#define RXD_STAT_L4CS	(1u << 5)
#define RXD_STAT_IPCS	(1u << 6)
#define RXD_STAT_TS	(1u << 16)
#define RXD_ERR_RXE	(1u << 29)
#define RXD_ERR_L4E	(1u << 30)
#define RXD_ERR_IPE	(1u << 31)

#define RXD_RSS_TYPE	0xfu
enum { RSS_NONE, RSS_TCPV4, RSS_IPV4, RSS_TCPV6, RSS_IPV6_EX, RSS_IPV6,
       RSS_TCPV6_EX, RSS_UDPV4, RSS_UDPV6 };
#define RXD_PKT_IPV4	0x0010u
#define RXD_PKT_IPV4_EXT 0x0020u
#define RXD_PKT_IPV6	0x0040u
#define RXD_PKT_TCP	0x0100u
#define RXD_PKT_UDP	0x0200u

/* --- transmit descriptors, advanced (7.2.2.2, 7.2.2.3) ----------------------- */

union e1000_adv_tx_desc {
	struct {
		u64 addr;
		u32 cmd_type_len;	/* DTALEN 15:0, DTYP 23:20, DCMD */
		u32 olinfo_status;	/* STA 3:0, IDX 6:4, POPTS, PAYLEN */
	} read;
	struct {
		u64 rsvd;
		u32 nxtseq_seed;
		u32 status;
	} wb;
	struct {
		u32 vlan_macip_lens;	/* IPLEN 8:0, MACLEN 15:9, VLAN */
		u32 seqnum_seed;
		u32 type_tucmd;		/* TUCMD 19:9, DTYP */
		u32 mss_l4len_idx;	/* IDX 6:4, L4LEN 15:8, MSS 31:16 */
	} ctx;
};
static_assert(sizeof(union e1000_adv_tx_desc) == 16, "82576 7.2.2");

#define TXD_DTALEN	0xffffu
#define TXD_DTYP	(0xfu << 20)
#define TXD_DTYP_CTX	(2u << 20)
#define TXD_DTYP_DATA	(3u << 20)
#define TXD_EOP		(1u << 24)
#define TXD_IFCS	(1u << 25)	/* append the CRC */
#define TXD_RS		(1u << 27)	/* report status: DD and interrupt */
#define TXD_DEXT	(1u << 29)
#define TXD_VLE		(1u << 30)
#define TXD_TSE		(1u << 31)
#define TXD_STAT_DD	(1u << 0)
#define TXD_IDX_SHIFT	4
#define TXD_IXSM	(1u << 8)	/* insert the IP checksum */
#define TXD_TXSM	(1u << 9)	/* insert the L4 checksum */
#define TXD_PAYLEN_SHIFT 14		/* 18 bits */
#define TUCMD_IPV4	(1u << 10)
#define TUCMD_TCP	(1u << 11)	/* L4T: 0 UDP, 1 TCP, 2 SCTP */
#define TUCMD_L4T	(3u << 11)
#define CTX_MACLEN_SHIFT 9
#define CTX_VLAN_SHIFT	16
#define CTX_L4LEN_SHIFT	8
#define CTX_MSS_SHIFT	16

/* --- virtual extension ------------------------------------------------------- */

#define E1000_VX_ID	0x1f000		/* reads VX_MAGIC; a real card: not */
#define  VX_MAGIC	0x72696577u
#define E1000_VX_CTRL	0x1f004		/* what the driver makes use of */
#define  VX_SIDE_RINGS	(1u << 0)	/* Q_XBAL/Q_XBAH hold side rings */
/* TSO: the pseudo header's sum in the TCP header includes the length, as for
 * a plain CHECKSUM_PARTIAL frame (a real card wants it left out). */
#define  VX_TSO_FULL_SUM (1u << 1)
#define  VX_RX_LARGE	(1u << 2)	/* large frames may arrive whole */

/* Beside each descriptor of the same index. */
struct e82576_tx_side {
	u64 packet;			/* written by the driver */
};
struct e82576_rx_side {			/* valid with the EOP descriptor */
	u64 packet;			/* id given to the frame on arrival */
	u64 frame;			/* its number on the wire */
	u16 gso_size;			/* not 0: a large frame, whole */
	u16 hdr_len;
	u16 csum_start, csum_offset;
	u8 gso_type;			/* HW_GSO_* */
	u8 partial;			/* checksum field is the pseudo header's */
	u16 unused1;
	u32 unused2;
};
static_assert(sizeof(struct e82576_rx_side) == 32, "side ring");

#endif
