# cost.gp - what a month costs against volume: buying, the same weights elsewhere, this build, and
# the napkin's GPUs and power alone. Points are where buying and this build cost the same.
#
# `gnuplot cost.gp` draws cost.png and cost.svg from cost.csv and cost.set. Colours and dashes stand
# in common.gp, words and ranges in cost.set.
if (!exists('name')) name = 'cost'

do for [picture in 'png svg'] {
    load 'cost.set'
    load 'common.gp'

    set lmargin at screen panel_left
    set rmargin at screen panel_right
    set bmargin at screen panel_bottom
    set tmargin at screen panel_top

    # Axes: requests below, tokens above, both logarithmic.
    set border 7
    set logscale x
    set logscale x2
    set logscale y
    set xrange [x_lo:x_hi]
    set x2range [x_lo:x_hi]
    set yrange [y_lo:y_hi]
    set xtics ()
    set x2tics ()
    set ytics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set for [i=1:x2tic_n] x2tics add (x2tic_text[i] x2tic_at[i] x2tic_minor[i])
    set for [i=1:ytic_n] ytics add (ytic_text[i] ytic_at[i] ytic_minor[i])
    set xlabel 'Requests a month' offset 0,-0.2
    set label 'USD a month' at screen across(42), screen panel_top + up(46) left \
        font plain(11.5) tc rgb black front
    set label x2_title at screen (panel_left + panel_right) / 2, screen panel_top + up(46) center \
        font plain(11.5) tc rgb black front

    # The P10 to P90 range of the first crossing, the plan, and where the first crossing lies.
    set for [i=1:band_n] object rectangle from band_lo[i], graph 0 to band_hi[i], graph 1 \
        fc rgb '#000000' fs transparent solid 0.07 noborder behind
    set arrow from plan_volume, graph 0 to plan_volume, graph 1 nohead ls PLAN back
    set for [i=1:plan_n] label plan_text[i] at screen plan_x[i], screen plan_y[i] left \
        font plain(11) tc rgb dark front
    set for [i=1:crossing_n] arrow from crossing_volume[i], graph 0 \
        to crossing_volume[i], crossing_usd[i] nohead lw 1.4 dt (3,4) lc rgb black
    set for [i=1:crossing_n] label crossing_text[i] at screen crossing_x[i], screen crossing_y[i] left \
        font plain(12) tc rgb black front
    set for [i=1:crossing_n] label crossing_note[i] at screen crossing_x[i], screen crossing_y[i] - up(20) left \
        font plain(10.5) tc rgb black front
    set for [i=1:lead_n] arrow from screen lead_x[i], screen lead_y[i] to screen lead_to_x[i], screen lead_to_y[i] \
        nohead lw 0.9 lc rgb black front

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

    # Crossings with the noise of the simulation; where the napkin costs as much as the tokens alone.
    set for [i=1:cross_n] arrow from cross_lo[i], cross_usd[i] to cross_hi[i], cross_usd[i] \
        heads size screen 0.003,90 lw 1.6 lc rgb black front
    set for [i=1:cross_n] label '' at cross_volume[i], cross_usd[i] point pt 7 ps 1.3 lc rgb black front
    set for [i=1:napkin_n] label '' at napkin_volume[i], napkin_usd[i] point pt 6 ps 1.5 lw 1.6 lc rgb colour('napkin')

    # Bands of the draws, then the lines over them; buying beyond its limits is a line of its own.
    later = exists('later_ways') ? later_ways : ''
    bands = (has_same ? 'buy same build' : 'buy build').' '.later
    lines = 'napkin'.(has_over_limit ? ' buy_over_limit' : '').(has_same ? ' same ' : ' ').later.' build buy'
    plot for [of in bands] 'cost.csv' using 'requests_month':of.'_p10_usd':of.'_p90_usd' \
             with filledcurves fc rgb colour(of), \
         for [of in lines] 'cost.csv' using 'requests_month':of.'_usd' with lines ls style(of)
}
unset output
