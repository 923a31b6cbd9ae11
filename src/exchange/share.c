/*
 * The same document is needed by several fetches at once: five intervals of a
 * symbol have one ticker.  A fetch that has its place in the limits leads with
 * what it will request; others that need the same follow: they request nothing,
 * and are given what came.
 *
 * A fetch that follows waits for its leaders and for its own batch; leaders
 * wait for nobody, so none can wait for itself.
 */
#include "plan.h"

#include <string.h>

/* Not symbol lists, which are read page by page. */
static bool may_share(const struct liq_plan *p, const struct liq_request *r)
{
    return r->send && r->endpoint != NULL &&
           p->fetch->kind != LIQ_FETCH_SYMBOLS;
}

/* --- under the lock ------------------------------------------------------- */

/* One that ends no later than the plan must. */
static struct liq_request *find_leader(const struct liq_plan *p,
                                       const struct liq_request *r)
{
    struct liq_request *l = p->x->leading;

    while (l != NULL &&
           (l->plan->fetch->deadline_ms > p->fetch->deadline_ms ||
            strcmp(l->url, r->url) != 0 || strcmp(l->post, r->post) != 0))
        l = l->next_leading;
    return l;
}

static void follow(struct liq_plan *p, struct liq_request *r,
                   struct liq_request *leader)
{
    r->send = false;
    r->plan = p;
    r->next_follower = leader->followers;
    leader->followers = r;
    p->n_awaited++;
}

static void lead(struct liq_plan *p, struct liq_request *r)
{
    r->leads = true;
    r->plan = p;
    r->followers = NULL;
    r->next_leading = p->x->leading;
    p->x->leading = r;
}

static void unlink_leader(struct liq_live_exchange *x,
                          const struct liq_request *r)
{
    struct liq_request **at = &x->leading;

    while (*at != r)
        at = &(*at)->next_leading;
    *at = r->next_leading;
}

/* --- results -------------------------------------------------------------- */

/* What came of the leader's request is the follower's. */
static void give(const struct liq_request *leader, struct liq_request *r)
{
    r->why = leader->why;
    if (r->why.code != LIQ_OK)
        return;
    if (leader->document == NULL) {
        liq_fail(&r->why, LIQ_ENOMEM, "no memory");
        return;
    }
    if (r->document != NULL)
        liq_item_release(&r->document->item);
    (void)liq_item_hold(&leader->document->item);
    r->document = leader->document;
    r->root = r->document->root;
    r->at_ms = r->document->at_ms;
}

/* One of the things that the plan waits for is there. */
static bool is_last(struct liq_plan *p)
{
    bool last;

    liq_lock_take(&p->x->share_lock);
    last = --p->n_awaited == 0;
    liq_lock_give(&p->x->share_lock);
    return last;
}

static void end_lead(struct liq_live_exchange *x, struct liq_request *leader)
{
    struct liq_request *r, *next;
    struct liq_plan *p;

    liq_lock_take(&x->share_lock);
    unlink_leader(x, leader);
    leader->leads = false;
    liq_lock_give(&x->share_lock);
    for (r = leader->followers; r != NULL; r = next) {
        next = r->next_follower; /* the plan may be gone once it goes on */
        p = r->plan;
        give(leader, r);
        if (is_last(p))
            liq_work_post(x->work, &p->wait, LIQ_LANE_HEAVY);
    }
    leader->followers = NULL;
}

/* --- the interface -------------------------------------------------------- */

void liq_share_follow(struct liq_plan *p)
{
    size_t i;

    liq_lock_take(&p->x->share_lock);
    p->n_awaited = 1; /* its own batch */
    for (i = 0; i < p->n; i++) {
        struct liq_request *r = &p->request[i];
        struct liq_request *leader = may_share(p, r) ? find_leader(p, r) : NULL;

        if (leader != NULL)
            follow(p, r, leader);
    }
    liq_lock_give(&p->x->share_lock);
}

void liq_share_lead(struct liq_plan *p)
{
    size_t i;

    liq_lock_take(&p->x->share_lock);
    for (i = 0; i < p->n; i++)
        if (may_share(p, &p->request[i]))
            lead(p, &p->request[i]);
    liq_lock_give(&p->x->share_lock);
}

bool liq_share_end(struct liq_plan *p)
{
    size_t i;

    for (i = 0; i < p->n; i++)
        if (p->request[i].leads)
            end_lead(p->x, &p->request[i]);
    return is_last(p);
}
