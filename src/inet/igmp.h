/* SPDX-License-Identifier: BSD-2-Clause */
/* IGMP's messages, for igmp.c. Called without mc_lock; task or softirq. */
#ifndef WEIR_INET_IGMP_H
#define WEIR_INET_IGMP_H

#include "inet/in_device.h"

#define IGMP_RECORDS_MAX	128	/* per report */

/* 1 to 3: the oldest that was heard lately, or what the setting says. */
u32 igmp_version(const struct in_device *in_dev);
/* Is membership of `group` anybody's business? */
bool igmp_reportable(const struct in_device *in_dev, __be32 group);
/* Membership as it is, or a change of it. */
void igmp_report(struct in_device *in_dev, u32 version, __be32 group,
		 bool member, bool change);
/* One report of version 3 with n records of one kind. */
void igmp_send_v3(struct net_device *dev, u8 kind, const __be32 *groups,
		  u32 n);

#endif
