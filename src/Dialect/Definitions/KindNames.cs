using System.Text;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The words of SQL for kinds of objects.</summary>
internal static class KindNames
{
    /// <summary>For example MATERIALIZED VIEW.</summary>
    public static string Of(ObjectKind kind)
    {
        var words = new StringBuilder();
        foreach (var c in kind.ToString())
        {
            words.Append(char.IsAsciiLetterUpper(c) && words.Length > 0 ? " " : "").Append(char.ToUpperInvariant(c));
        }

        return words.ToString();
    }
}
