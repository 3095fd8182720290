using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The names of the columns of indexes that are expressions: as a select list would name them.</summary>
internal static class IndexNames
{
    private static readonly Dictionary<SubqueryExpression, string?> s_none = [];

    public static string Of(Expression expression) => OutputNames.Of(expression, s_none) is var name && name != "?column?" ? name : "expr";
}
