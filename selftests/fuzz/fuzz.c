// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz DEVICE SEED COUNT: sends COUNT segments into a TUN device: connections
 * that open, talk and close, with most of their segments spoilt (segment.c).
 * Batches of 1000 begin with nothing remembered; before each one its seed goes
 * to the kernel log and, at times, to stdout, and "fuzz DEVICE SEED 1000" with
 * that seed sends the batch again. Numbers that the kernel chooses, such as a
 * cookie, differ then; all others are the same.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "random.h"
#include "segment.h"

#define BATCH		1000
#define REPORT		20	/* batches */
#define CONNECTIONS	24

/* The ports of the test: one that listens, with cookies; one that does not; and hosts beyond. */
#define PORT_OPEN	8000
#define PORT_CLOSED	8001

struct packet {
	struct virtio_net_hdr header;
	struct segment seg;
};

static struct end ends[CONNECTIONS];
static unsigned long refused;

static int open_device(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) {
		perror(name);
		exit(1);
	}
	return fd;
}

/* The server is .1, its clients the rest; .2.x and :2:: are hosts behind it. */
static void new_end(struct end *end, u64 *random)
{
	bool forwarded = !random_below(random, 4);

	memset(end, 0, sizeof(*end));
	end->ipv6 = random_below(random, 2);
	if (end->ipv6) {
		inet_pton(AF_INET6, "fd00:18::1:2", end->address);
		inet_pton(AF_INET6, forwarded ? "fd00:19::1" : "fd00:18::1", end->peer);
		end->address[15] = 2 + random_below(random, 8);
	} else {
		inet_pton(AF_INET, "198.18.0.2", end->address);
		inet_pton(AF_INET, forwarded ? "198.19.0.1" : "198.18.0.1", end->peer);
		end->address[3] = 2 + random_below(random, 8);
	}
	end->port = 1024 + random_below(random, 60000);
	end->peer_port = random_below(random, 8) ? PORT_OPEN : PORT_CLOSED;
	end->seq = random_next(random);
	end->ack = random_next(random);
}

static void new_batch(u64 *random)
{
	unsigned int i;

	for (i = 0; i < CONNECTIONS; i++)
		new_end(&ends[i], random);
}

/* --- what the host answers */

static u32 get32(const u8 *p)
{
	u32 value;

	memcpy(&value, p, sizeof(value));
	return ntohl(value);
}

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

/* So that the next segment of that connection can be a good one. */
static void learn(const u8 *bytes, unsigned int len)
{
	unsigned int thoff = segment_tcp(bytes, len), i;
	const u8 *tcp = bytes + thoff;

	if (!thoff || !(tcp[13] & TCP_SYN))
		return;
	for (i = 0; i < CONNECTIONS; i++) {
		if (ends[i].port != get16(tcp + 2))
			continue;
		ends[i].ack = get32(tcp + 4) + 1;
		ends[i].seq = get32(tcp + 8);
		/* Options as Linux sends them: MSS, SACK, timestamps. */
		if ((tcp[12] >> 4) * 4 >= 36 && thoff + 36 <= len && tcp[26] == 8)
			ends[i].echo = get32(tcp + 28);
	}
}

static void read_answers(int fd)
{
	static u8 bytes[1 << 16];
	const unsigned int skip = sizeof(struct virtio_net_hdr);
	ssize_t len;

	while ((len = read(fd, bytes, sizeof(bytes))) > 0)
		if (len > skip)
			learn(bytes + skip, len - skip);
}

/* --- what is sent */

/* Mostly what a client would send, sometimes what a server would. */
static u8 flags_of(u64 *random)
{
	static const u8 flags[] = {
		TCP_SYN, TCP_SYN, TCP_SYN, TCP_ACK, TCP_ACK, TCP_ACK,
		TCP_ACK | TCP_PSH, TCP_ACK | TCP_PSH, TCP_ACK | TCP_FIN,
		TCP_RST, TCP_RST | TCP_ACK, TCP_SYN | TCP_ACK,
	};

	return flags[random_below(random, sizeof(flags))];
}

/*
 * Above a page, TUN puts what is behind hdr_len into pages of their own:
 * headers may be in two parts then.
 */
static unsigned int payload_of(u64 *random)
{
	switch (random_below(random, 16)) {
	case 0: return 4096 + random_below(random, 4000);
	case 1: return random_below(random, 1400);
	case 2:
	case 3: return random_below(random, 16);
	default: return 0;
	}
}

static u8 gso_type(const struct segment *seg)
{
	return seg->bytes[0] >> 4 == 6 ? VIRTIO_NET_HDR_GSO_TCPV6 :
					 VIRTIO_NET_HDR_GSO_TCPV4;
}

static void put_header(struct virtio_net_hdr *header, const struct segment *seg, u64 *random)
{
	memset(header, 0, sizeof(*header));
	header->hdr_len = random_below(random, seg->thoff + seg->doff + 1);
	if (!random_below(random, 16))
		header->flags = VIRTIO_NET_HDR_F_DATA_VALID;
	if (random_below(random, 32) || seg->len < seg->thoff + seg->doff)
		return;
	header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	header->csum_start = seg->thoff;
	header->csum_offset = 16;
	if (random_below(random, 2)) {
		header->gso_type = gso_type(seg);
		header->gso_size = 1 + random_below(random, 1400);
		header->hdr_len = seg->thoff + seg->doff;
	}
}

static void make_packet(struct packet *packet, u64 *random)
{
	struct end *end = &ends[random_below(random, CONNECTIONS)];
	unsigned int payload = payload_of(random);
	u8 flags = flags_of(random);

	if (!random_below(random, 64))
		new_end(end, random);
	segment_make(&packet->seg, end, flags, payload, random);
	/* A good one moves the connection on. */
	if (random_below(random, 4))
		segment_spoil(&packet->seg, random);
	else if (!(flags & TCP_SYN))
		end->seq += payload + !!(flags & TCP_FIN);
	segment_seal(&packet->seg);
	put_header(&packet->header, &packet->seg, random);
}

/* Header and segment must come in one write. */
static void send_packet(int fd, const struct packet *packet)
{
	static u8 bytes[sizeof(struct packet)];
	const unsigned int skip = sizeof(packet->header);

	memcpy(bytes, &packet->header, skip);
	memcpy(bytes + skip, packet->seg.bytes, packet->seg.len);
	if (write(fd, bytes, skip + packet->seg.len) < 0)
		refused++;
}

static void run_batch(int fd, u64 seed, unsigned long count)
{
	static struct packet packet;
	u64 random = seed;

	new_batch(&random);
	while (count--) {
		make_packet(&packet, &random);
		send_packet(fd, &packet);
		read_answers(fd);
	}
}

int main(int argc, char **argv)
{
	unsigned long count, sent = 0;
	FILE *log;
	u64 seed;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "usage: fuzz DEVICE SEED COUNT\n");
		return 2;
	}
	fd = open_device(argv[1]);
	log = fopen("/dev/kmsg", "w");
	seed = strtoull(argv[2], NULL, 0);
	for (count = strtoul(argv[3], NULL, 0); sent < count; sent += BATCH, seed++) {
		unsigned long batch = count - sent < BATCH ? count - sent : BATCH;

		if (log) {
			fprintf(log, "synward-fuzz: seed %llu\n", seed);
			fflush(log);
		}
		if (sent % (BATCH * REPORT) == 0)
			printf("# seeds %llu and on\n", seed);
		fflush(stdout);
		run_batch(fd, seed, batch);
	}
	printf("# %lu segments, %lu of them refused by the device\n", count, refused);
	return 0;
}
