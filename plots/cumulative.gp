# cumulative.gp - cash that each plan has paid so far: buying all along, the same weights by the token, this build.
# The point is where this build has paid back what it cost ahead of buying, for good.
#
# `gnuplot cumulative.gp` draws cumulative.png and cumulative.svg from cumulative.csv and cumulative.set. Colours and
# dashes stand in common.gp, words and ranges in cumulative.set.
if (!exists('name')) name = 'cumulative'

do for [picture in 'png svg'] {
    load 'cumulative.set'
    load 'common.gp'

    set lmargin at screen panel_left
    set rmargin at screen panel_right
    set bmargin at screen panel_bottom
    set tmargin at screen panel_top

    set xrange [x_lo:x_hi]
    set yrange [y_lo:y_hi]
    set xtics ()
    set ytics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set for [i=1:ytic_n] ytics add (ytic_text[i] ytic_at[i] ytic_minor[i])
    set label y_title at screen across(42), screen panel_top + up(24) left \
        font plain(11.5) tc rgb black front

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

    # What is marked.
    set for [i=1:mark_n] arrow from mark_month[i], graph 0 to mark_month[i], mark_usd[i] \
        nohead lw 1.4 dt (3,4) lc rgb black
    set for [i=1:mark_n] label '' at mark_month[i], mark_usd[i] point pt 7 ps 1.4 lc rgb black front
    set for [i=1:mark_n] label mark_text[i] at screen mark_x[i], screen mark_y[i] left \
        font plain(12) tc rgb black front

    # Bands of the draws, then the lines over them.
    plot for [of in ways] 'cumulative.csv' using 'month':of.'_p10_usd':of.'_p90_usd' \
             with filledcurves fc rgb colour(of), \
         0 with lines lc rgb '#555555' lw 1.2, \
         for [of in ways] 'cumulative.csv' using 'month':of.'_usd' with lines ls style(of)
}
unset output
