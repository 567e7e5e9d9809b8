# crossover.gp - at which volume this build becomes cheaper: bars are shares of the samples of a
# sweep, the line the share that crossed by then.
#
# `gnuplot crossover.gp` draws crossover.png and crossover.svg from crossover.csv and crossover.set.
# Colours and fonts stand in common.gp, words and ranges in crossover.set.
if (!exists('name')) name = 'crossover'

do for [picture in 'png svg'] {
    load 'crossover.set'
    load 'common.gp'

    set lmargin at screen panel_left
    set rmargin at screen panel_right
    set bmargin at screen panel_bottom
    set tmargin at screen panel_top

    set border 11
    set logscale x
    set xrange [x_lo:x_hi]
    set xtics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set xlabel 'Requests a month' offset 0,-0.2
    set yrange [0:share_hi]
    set format y '%g %%'
    set ylabel 'Share of samples'
    set y2range [0:100]
    set y2tics out
    set format y2 '%g %%'
    set y2label 'Crossed by then'

    # The plan and the quantiles: lines through the panel, named above it at three heights.
    do for [i=1:mark_n] {
        if (mark_of[i] eq 'plan') {
            set arrow from screen mark_line[i], screen panel_bottom to screen mark_line[i], screen mark_y[i] - up(9) \
                nohead lc rgb black lw 2.2
        } else {
            set arrow from screen mark_line[i], screen panel_bottom to screen mark_line[i], screen mark_y[i] - up(9) \
                nohead lc rgb black lw 1.4 dt (4,4)
        }
        if (mark_align[i] eq 'left') {
            set label mark_text[i] at screen mark_x[i], screen mark_y[i] left font plain(10.5) tc rgb black front
        }
        if (mark_align[i] eq 'center') {
            set label mark_text[i] at screen mark_x[i], screen mark_y[i] center font plain(10.5) tc rgb black front
        }
        if (mark_align[i] eq 'right') {
            set label mark_text[i] at screen mark_x[i], screen mark_y[i] right font plain(10.5) tc rgb black front
        }
    }

    # Samples whose crossing lies outside the simulated volumes.
    set for [i=1:below_n] label below_text[i] at screen panel_left + across(10), screen panel_top - up(18) left \
        font plain(11) tc rgb orange front
    set for [i=1:above_n] label above_text[i] at screen panel_right - across(10), screen panel_top - up(18) right \
        font plain(11) tc rgb blue front

    set style fill solid 0.45 noborder
    plot 'crossover.csv' using (sqrt(column('from_requests_month') * column('to_requests_month'))) \
             :(50 * column('share')):'from_requests_month':'to_requests_month':(0):(100 * column('share')) \
             with boxxyerror lc rgb orange, \
         '' using 'to_requests_month':(100 * column('cumulative_share')) axes x1y2 \
             with lines lw 2.6 lc rgb black
}
unset output
