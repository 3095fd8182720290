using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Rqlite.Pg.Shell;

/// <summary>The forms in which rows are printed.</summary>
internal static class OutputModes
{
    private const string Null = "NULL";

    private static readonly JsonSerializerOptions s_readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyDictionary<string, Action<TextWriter, ResultSet>> All { get; } = new Dictionary<string, Action<TextWriter, ResultSet>>
    {
        ["column"] = static (output, rows) => WriteGrid(output, rows, Grid.Column),
        ["table"] = static (output, rows) => WriteGrid(output, rows, Grid.Table),
        ["box"] = static (output, rows) => WriteGrid(output, rows, Grid.Box),
        ["markdown"] = static (output, rows) => WriteGrid(output, rows, Grid.Markdown),
        ["csv"] = WriteCsv,
        ["json"] = WriteJson,
        ["line"] = WriteLines,
    };

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => Null,
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private static void WriteCsv(TextWriter output, ResultSet rows)
    {
        output.Write(string.Join(',', rows.Columns!.Select(Quoted)) + "\r\n");
        foreach (var row in rows.Rows)
        {
            output.Write(string.Join(',', row.Select(value => Quoted(TextOf(value)))) + "\r\n");
        }

        static string Quoted(string text) =>
            text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private static void WriteJson(TextWriter output, ResultSet rows)
    {
        output.Write('[');
        for (var i = 0; i < rows.Rows.Count; i++)
        {
            var members = rows.Columns!.Zip(rows.Rows[i], static (name, value) => $"{JsonSerializer.Serialize(name, s_readable)}:{value.GetRawText()}");
            output.Write($"{(i > 0 ? ",\n" : "")}{{{string.Join(',', members)}}}");
        }

        output.WriteLine(']');
    }

    private static void WriteLines(TextWriter output, ResultSet rows)
    {
        var width = rows.Columns!.Max(WidthOf);
        for (var i = 0; i < rows.Rows.Count; i++)
        {
            if (i > 0)
            {
                output.WriteLine();
            }

            foreach (var (name, value) in rows.Columns!.Zip(rows.Rows[i]))
            {
                output.WriteLine($"{new string(' ', width - WidthOf(name))}{name} = {TextOf(value)}");
            }
        }
    }

    private static void WriteGrid(TextWriter output, ResultSet rows, Grid grid)
    {
        string[][] texts = [.. rows.Rows.Select(row => row.Select(value => grid.Escape(TextOf(value))).ToArray())];
        string[] names = [.. rows.Columns!.Select(grid.Escape)];
        int[] widths = [.. names.Select((name, i) => Math.Max(WidthOfCell(name), texts.Select(row => WidthOfCell(row[i])).DefaultIfEmpty().Max()))];
        output.Write(grid.Top(widths));
        WriteCells(names);
        output.Write(grid.BelowHeader(widths));
        for (var i = 0; i < texts.Length; i++)
        {
            WriteCells(texts[i]);
            if (i < texts.Length - 1)
            {
                output.Write(grid.Between(widths));
            }
        }

        if (texts.Length > 0)
        {
            output.Write(grid.Bottom(widths));
        }
        else
        {
            output.Write(grid.BottomOfNone(widths));
        }

        // A value may have several lines.
        void WriteCells(string[] cells)
        {
            string[][] lines = [.. cells.Select(static cell => cell.Split('\n'))];
            for (var line = 0; line < lines.Max(static l => l.Length); line++)
            {
                output.Write(grid.Bar);
                for (var i = 0; i < cells.Length; i++)
                {
                    var text = line < lines[i].Length ? lines[i][line] : "";
                    output.Write($" {text}{new string(' ', widths[i] - WidthOf(text))} {grid.Bar}");
                }

                output.WriteLine();
            }
        }
    }

    private static int WidthOfCell(string cell) => cell.Split('\n').Max(WidthOf);

    /// <summary>The columns of a terminal that a text takes.</summary>
    private static int WidthOf(string text) => text.GetCellWidth();

    private sealed record Grid(string Bar, Func<int[], string> Top, Func<int[], string> BelowHeader, Func<int[], string> Between, Func<int[], string> Bottom)
    {
        public static Grid Column { get; } = new("|", Ascii, Ascii, Ascii, Ascii);

        public static Grid Table { get; } = Column with { Between = Nothing };

        public static Grid Box { get; } = new(
            "│", w => Rule(w, '─', "┌┬┐"), w => Rule(w, '─', "├┼┤"), Nothing, w => Rule(w, '─', "└┴┘")) { BottomOfNone = w => Rule(w, '─', "└┴┘") };

        public static Grid Markdown { get; } = new("|", Nothing, w => Rule(w, '-', "|||"), Nothing, Nothing)
        {
            Escape = static text => Shown(text).Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", "<br>", StringComparison.Ordinal),
        };

        public Func<int[], string> BottomOfNone { get; init; } = Nothing;

        public Func<string, string> Escape { get; init; } = Shown;

        // Control characters of values must not command the terminal.
        private static string Shown(string text)
        {
            var shown = new StringBuilder(text.Length);
            foreach (var c in text)
            {
                shown.Append(c == '\t' ? "    " : char.IsControl(c) && c != '\n' ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}") : c.ToString());
            }

            return shown.ToString();
        }

        private static string Nothing(int[] widths) => "";

        private static string Ascii(int[] widths) => Rule(widths, '-', "+++");

        private static string Rule(int[] widths, char line, string corners) =>
            $"{corners[0]}{string.Join(corners[1], widths.Select(width => new string(line, width + 2)))}{corners[2]}\n";
    }
}
