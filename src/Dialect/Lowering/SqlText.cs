using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// Writes SQLite's text and counts the heights of its expressions as SQLite does: the deepest path through an expression, subqueries within it
/// included, to which the expressions of queries within it are added once more.
/// </summary>
internal sealed class SqlText
{
    /// <summary>SQLite's limit (SQLITE_LIMIT_EXPR_DEPTH), as Storage sets it.</summary>
    public const int HeightMax = 1000;

    private readonly StringBuilder _text = new();
    private int _depth;
    private int _height;
    private int _nested;

    public int Length => _text.Length;

    public SqlText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    public SqlText Add(ReadOnlySpan<char> text)
    {
        _text.Append(text);
        return this;
    }

    public SqlText Add(long number)
    {
        _text.Append(CultureInfo.InvariantCulture, $"{number}");
        return this;
    }

    /// <summary>A name in double quotes.</summary>
    public SqlText Name(string name)
    {
        _text.Append(Quoted(name));
        return this;
    }

    /// <summary>A text literal.</summary>
    public SqlText Literal(string value)
    {
        _text.Append('\'').Append(value.Replace("'", "''", StringComparison.Ordinal)).Append('\'');
        return this;
    }

    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A name as messages show it: in quotes where it needs them.</summary>
    public static string Shown(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            ? name
            : Quoted(name);

    public void Enter(int levels = 1)
    {
        _depth += levels;
        _height = Math.Max(_height, _depth);
        if (_height > HeightMax)
        {
            throw TooDeep();
        }
    }

    public void Leave(int levels = 1) => _depth -= levels;

    /// <summary>Begins an expression that stands in a clause of a query.</summary>
    public Saved BeginRoot()
    {
        var saved = new Saved(_depth, _height, _nested);
        (_depth, _height, _nested) = (0, 0, 0);
        return saved;
    }

    public void EndRoot(Saved saved)
    {
        var height = _height;
        var needed = height + _nested;
        if (needed > HeightMax)
        {
            throw TooDeep();
        }

        (_depth, _height, _nested) = (saved.Depth, Math.Max(saved.Height, saved.Depth + height), Math.Max(saved.Nested, needed));
        if (_height > HeightMax)
        {
            throw TooDeep();
        }
    }

    public override string ToString() => _text.ToString();

    private static DialectException TooDeep() =>
        new("54001", "stack depth limit exceeded", hint: $"The statement has expressions that nest more than {HeightMax} levels.");

    public readonly record struct Saved(int Depth, int Height, int Nested);
}
