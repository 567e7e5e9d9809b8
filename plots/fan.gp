# fan.gp - what each side costs against volume, and how sure that is: lines are medians over the
# samples of a sweep, bands go from P5 to P95.
#
# `gnuplot fan.gp` draws fan.png and fan.svg from fan.csv and fan.set. Colours and dashes stand in
# common.gp, words and ranges in fan.set.
if (!exists('name')) name = 'fan'

do for [picture in 'png svg'] {
    load 'fan.set'
    load 'common.gp'

    set lmargin at screen panel_left
    set rmargin at screen panel_right
    set bmargin at screen panel_bottom
    set tmargin at screen panel_top

    set logscale x
    set logscale y
    set xrange [x_lo:x_hi]
    set yrange [y_lo:y_hi]
    set xtics ()
    set ytics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set for [i=1:ytic_n] ytics add (ytic_text[i] ytic_at[i] ytic_minor[i])
    set xlabel 'Requests a month' offset 0,-0.2

    set for [i=1:mark_n] arrow from screen mark_line[i], screen panel_bottom \
        to screen mark_line[i], screen panel_top + up(6) nohead lc rgb black lw 2
    set for [i=1:mark_n] label mark_text[i] at screen mark_x[i], screen mark_y[i] center \
        font plain(10.5) tc rgb black front
    set for [i=1:end_n] label end_text[i] at screen panel_right + across(14), screen end_y[i] + up(6) left \
        font plain(12) tc rgb colour(end_of[i]) front
    do for [i=1:end_n] {
        if (abs(end_from[i] - end_y[i]) > up(10)) {
            set arrow from screen panel_right + across(2), screen end_from[i] \
                to screen panel_right + across(11), screen end_y[i] nohead lw 0.8 lc rgb colour(end_of[i])
        }
    }

    plot for [of in sides] 'fan.csv' using 'volume_requests_month':of.'_p05_usd':of.'_p95_usd' \
             with filledcurves fc rgb colour(of), \
         for [of in sides] 'fan.csv' using 'volume_requests_month':of.'_p50_usd' with lines ls style(of)
}
unset output
