# saving.gp - what this build saves against volume (buying less this build), and its two halves:
# changing the model, and owning the GPUs. The bar at the plan is the P10 to P90 of the draws.
#
# `gnuplot saving.gp` draws saving.png and saving.svg from saving.csv and saving.set. Colours and
# dashes stand in common.gp, words and ranges in saving.set.
if (!exists('name')) name = 'saving'

do for [picture in 'png svg'] {
    load 'saving.set'
    load 'common.gp'

    set lmargin at screen panel_left
    set rmargin at screen panel_right
    set bmargin at screen panel_bottom
    set tmargin at screen panel_top

    # Savings have a sign: y = asinh(usd / unit) is straight near zero, up to about one unit, and
    # logarithmic far from it.
    bent(usd) = asinh(usd / unit_usd)
    set border 7
    set logscale x
    set logscale x2
    set xrange [x_lo:x_hi]
    set x2range [x_lo:x_hi]
    set yrange [y_lo:y_hi]
    set xtics ()
    set x2tics ()
    set ytics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set for [i=1:x2tic_n] x2tics add (x2tic_text[i] x2tic_at[i] x2tic_minor[i])
    set for [i=1:ytic_n] ytics add (ytic_text[i] bent(ytic_at[i]))
    set xlabel 'Requests a month' offset 0,-0.2
    set label 'USD a month, straight near zero, logarithmic far from it' at screen across(42), screen panel_top + up(46) left \
        font plain(11.5) tc rgb black front
    set label 'Tokens a month' at screen (panel_left + panel_right) / 2 + across(60), screen panel_top + up(46) center \
        font plain(11.5) tc rgb black front

    # The P10 to P90 range of the first crossing, the plan, and which side of zero is whose.
    set for [i=1:band_n] object rectangle from band_lo[i], graph 0 to band_hi[i], graph 1 \
        fc rgb '#000000' fs transparent solid 0.07 noborder behind
    set arrow from plan_volume, graph 0 to plan_volume, graph 1 nohead ls PLAN back
    set for [i=1:plan_n] label plan_text[i] at screen plan_x[i], screen plan_y[i] left \
        font plain(11) tc rgb dark front
    set for [i=1:range_n] label range_text[i] at screen range_x[i], screen range_y[i] left \
        font plain(11) tc rgb black front
    set for [i=1:side_n] label side_text[i] at screen side_x[i], screen side_y[i] left \
        font plain(11) tc rgb grey front

    # Names at the right ends of the lines, with a thin line where one had to move.
    set for [i=1:end_n] label end_text[i] at screen panel_right + across(14), screen end_y[i] + up(6) left \
        font plain(12) tc rgb colour(end_of[i]) front
    set for [i=1:end_n] label end_note[i] at screen panel_right + across(14), screen end_y[i] - up(13) left \
        font plain(10) tc rgb colour(end_of[i]) front
    do for [i=1:end_n] {
        if (abs(end_from[i] - end_y[i]) > up(10)) {
            set arrow from screen panel_right + across(2), screen end_from[i] \
                to screen panel_right + across(11), screen end_y[i] nohead lw 0.8 lc rgb colour(end_of[i])
        }
    }

    # What the draws say at the plan.
    set for [i=1:range_n] arrow from plan_volume, bent(range_p10[i]) to plan_volume, bent(range_p90[i]) \
        heads size screen 0.003,90 lw 1.8 lc rgb black front
    set for [i=1:range_n] label '' at plan_volume, bent(range_usd[i]) point pt 7 ps 1.3 lc rgb black front

    # With each replica more owning saves less at once: where these teeth are many, a light band
    # between their tips shows how far they go, and the line in it is thin.
    later = exists('later_lines') ? later_lines : ''
    halves = (has_same ? 'changing_model owning_gpus ' : '').later.' saving'
    look(half) = half eq 'changing_model' ? BUY : half eq 'owning_gpus' ? SAME : half eq 'saving' ? BUILD : LATER
    if (has_envelope) {
        set style line SAME lw 1.6
    }
    plot for [i=1:has_envelope] 'saving.csv' using 'requests_month': \
             (bent(column('owning_gpus_lo_usd'))):(bent(column('owning_gpus_hi_usd'))) \
             with filledcurves fc rgb green, \
         0 with lines lc rgb '#555555' lw 1.2, \
         for [half in halves] 'saving.csv' using 'requests_month':(bent(column(half.'_usd'))) \
             with lines ls look(half)
}
unset output
