using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Http;

/// <summary>Metrics in Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder(32 << 10);
        string? last = null;
        foreach (var family in families)
        {
            // Two instruments may have one name, as two nodes of one process have.
            if (family.Name != last)
            {
                last = family.Name;
                var kind = family.Kind switch { MetricKind.Counter => "counter", MetricKind.Histogram => "histogram", _ => "gauge" };
                var help = family.Help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
                text.Append("# HELP ").Append(last).Append(' ').Append(help).Append('\n').Append("# TYPE ").Append(last).Append(' ').Append(kind).Append('\n');
            }

            foreach (var series in family.Series)
            {
                if (series.Bounds is null)
                {
                    Line(text, family.Name, "", series, null, series.Sum);
                }
                else
                {
                    Histogram(text, family.Name, series);
                }
            }
        }

        return text.ToString();
    }

    private static void Histogram(StringBuilder text, string name, MetricSeries series)
    {
        var counts = series.Counts();
        long upTo = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            upTo += counts[i];
            Line(text, name, "_bucket", series, i < series.Bounds!.Length ? Number(series.Bounds[i]) : "+Inf", upTo);
        }

        Line(text, name, "_sum", series, null, series.Sum);
        Line(text, name, "_count", series, null, upTo);
    }

    private static void Line(StringBuilder text, string name, string suffix, MetricSeries series, string? bound, double value)
    {
        text.Append(name).Append(suffix);
        var separator = '{';
        foreach (var (label, content) in series.Labels)
        {
            // To Prometheus a label without content is one that is not there.
            if (content.Length > 0)
            {
                text.Append(separator).Append(label.Replace('.', '_')).Append("=\"").Append(Escape(content)).Append('"');
                separator = ',';
            }
        }

        if (bound is not null)
        {
            text.Append(separator).Append("le=\"").Append(bound).Append('"');
            separator = ',';
        }

        text.Append(separator == ',' ? "} " : " ").Append(Number(value)).Append('\n');
    }

    private static string Escape(string text) =>
        text.AsSpan().IndexOfAny('\\', '"', '\n') < 0 ? text
            : text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);

    private static string Number(double value) => double.IsNaN(value) ? "NaN"
        : double.IsInfinity(value) ? value > 0 ? "+Inf" : "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
