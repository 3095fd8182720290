using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Errors of templates and of texts that do not fit them.</summary>
internal static class FormatErrors
{
    public static TypeException Invalid(string message, string? detail = null, string? hint = null) =>
        new(SqlState.InvalidDatetimeFormat, message, detail, hint);

    public static TypeException Syntax(string message, string? detail = null) => new(SqlState.SyntaxError, message, detail);
}
