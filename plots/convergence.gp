# convergence.gp - are there enough samples? What the first so many samples of a sweep say of the
# median crossover and of how often this build wins, with 95 % intervals.
#
# `gnuplot convergence.gp` draws convergence.png and convergence.svg from convergence.csv and
# convergence.set. Colours and fonts stand in common.gp, words and ranges in convergence.set.
if (!exists('name')) name = 'convergence'

do for [picture in 'png svg'] {
    load 'convergence.set'
    load 'common.gp'

    set label 'Median crossover, requests a month' at screen median_left, screen median_top + up(16) left \
        font bold(12) tc rgb black front
    set label 'Share of samples in which this build is cheaper at your plan' \
        at screen share_left, screen share_top + up(16) left font bold(12) tc rgb black front

    set multiplot
    set logscale x
    set xrange [x_lo:x_hi]
    set xtics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set lmargin at screen median_left
    set rmargin at screen median_right

    set bmargin at screen median_bottom
    set tmargin at screen median_top
    set logscale y
    set yrange [y_lo:y_hi]
    set ytics ()
    set for [i=1:ytic_n] ytics add (ytic_text[i] ytic_at[i] ytic_minor[i])
    plot 'convergence.csv' using 'samples':'crossover_p50_lo':'crossover_p50_hi' \
             with filledcurves lc rgb orange, \
         '' using 'samples':'crossover_p50' with linespoints pt 7 ps 0.5 lw 2.2 lc rgb orange
    unset label
    unset arrow

    set bmargin at screen share_bottom
    set tmargin at screen share_top
    unset logscale y
    set ytics autofreq
    set format y '%g %%'
    set autoscale y
    set xlabel 'Samples' offset 0,0.2
    plot 'convergence.csv' using 'samples':(100 * column('build_wins_lo')):(100 * column('build_wins_hi')) \
             with filledcurves lc rgb black, \
         '' using 'samples':(100 * column('build_wins_share')) with linespoints pt 7 ps 0.5 lw 2.2 lc rgb black
    unset multiplot
}
unset output
