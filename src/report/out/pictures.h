/* pictures.h - the pictures: what the data decide of each, and gnuplot, which draws them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XO_REPORT_OUT_PICTURES_H
#define XO_REPORT_OUT_PICTURES_H

#include "base/buffer.h"
#include "xo/report.h"

/* One plot, ready to be written: what plots/NAME.gp reads. */
struct xo_plot {
    const char *name; /* "cost": cost.set, cost.csv beside cost.gp, cost.png, cost.svg */
    char none[120];   /* not empty: why there is no picture, and no file either */
    struct xo_buf set, data;
};
void xo_plot_cost(struct xo_plot *plot, const struct xo_curve *curve);
void xo_plot_saving(struct xo_plot *plot, const struct xo_curve *curve);
void xo_plot_load(struct xo_plot *plot, const struct xo_curve *curve);
void xo_plot_scatter(struct xo_plot *plot, const struct xo_validation *validation);
void xo_plot_error_load(struct xo_plot *plot, const struct xo_validation *validation);
void xo_plot_crossover(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_tornado(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_indices(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_fan(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_inputs(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_convergence(struct xo_plot *plot, const struct xo_sweep_report *r);
void xo_plot_map(struct xo_plot *plot, const struct xo_scenario *s, const struct xo_map_result *m);
void xo_plot_cumulative(struct xo_plot *plot, const struct xo_horizon *h);
void xo_plot_monthly(struct xo_plot *plot, const struct xo_horizon *h);
void xo_plot_switching(struct xo_plot *plot, const struct xo_horizon *h);
struct xo_plotting {
    double timeout_s;         /* of one picture */
    const volatile int *stop; /* not 0: give up; may be NULL */
};
/* Run `program` on NAME.gp inside folder and put NAME.png and NAME.svg in place whole. False, with
 * a sentence in err, when the program fails or draws nothing, and with XO_ERR_STOPPED when the next
 * picture need not be tried: it is missing, took too long, or was told to stop. */
XO_MUST_USE bool xo_gnuplot_run(const char *program, const char *folder, const char *name,
                                const struct xo_plotting *how, struct xo_error *err);

#endif
