# gpus.gp - how many GPUs a volume takes.
if (!exists('name')) name = 'gpus'
do for [picture in 'png svg'] {
    load 'gpus.set'
    load 'common.gp'
    set logscale xy
    set xrange [x_lo:x_hi]
    set tmargin at screen 0.8
    set bmargin at screen 0.13
    set xtics ()
    set for [i=1:xtic_n] xtics add (xtic_text[i] xtic_at[i] xtic_minor[i])
    set xlabel 'Requests a month'
    plot 'gpus.csv' using 'requests_month':'n_gpus' with steps ls BUILD
}
unset output
