/* crew.h - the threads of this process as the crew of a campaign. Private to the library.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_CAMPAIGN_CREW_H
#define XO_CAMPAIGN_CREW_H

#include "xo/campaign.h"

struct campaign_threads {
    const struct xo_study_options *options;
};
struct xo_campaign_crew campaign_threads_crew(struct campaign_threads *threads);

#endif
