/*
 * The connections of the policy service.  Called on its thread.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "front/peers.h"

#include <sys/socket.h>

void peers_init(struct peers *all, unsigned max)
{
	*all = (struct peers){ .max = max };
	TAILQ_INIT(&all->list);
}

void peers_add(struct peers *all, struct peer *p)
{
	TAILQ_INSERT_TAIL(&all->list, p, link);
	all->n++;
}

void peers_remove(struct peers *all, struct peer *p)
{
	TAILQ_REMOVE(&all->list, p, link);
	all->leaving -= p->leaving;
	all->n--;
}

void peers_note(struct peers *all, struct peer *p, int64_t now)
{
	bool in_middle = peer_is_in_middle(p);

	if (!in_middle || !p->in_middle || p->answered) {
		p->since = now;
		TAILQ_REMOVE(&all->list, p, link);
		TAILQ_INSERT_TAIL(&all->list, p, link);
	}
	p->in_middle = in_middle;
	p->answered = false;
}

/* Whoever is about to have a turn, or waits for others, is neither silent nor late. */
static bool is_ours(const struct peer *p)
{
	return p->in_hand || p->has_more || p->leaving;
}

static void shut(struct peers *all, struct peer *p)
{
	p->leaving = true;
	all->leaving++;
	shutdown(p->fd, SHUT_RDWR);
}

/* Has it said something that nobody has read yet? */
static bool has_spoken(const struct peer *p)
{
	char octet;

	return recv(p->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool peers_make_room(struct peers *all)
{
	struct peer *p;

	if (all->n - all->leaving < all->max)
		return true;
	TAILQ_FOREACH(p, &all->list, link)
		if (!is_ours(p) && !p->in_middle && !has_spoken(p)) {
			shut(all, p);
			return true;
		}
	return false;
}

void peers_watch(struct peers *all, int64_t now)
{
	struct peer *p;

	TAILQ_FOREACH(p, &all->list, link)
		if (!is_ours(p) &&
			now - p->since >= (p->in_middle ? PEERS_SLOW : PEERS_IDLE))
			shut(all, p);
}
