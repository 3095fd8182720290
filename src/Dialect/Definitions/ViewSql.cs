using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>A view's CREATE VIEW in SQLite's dialect.</summary>
internal static class ViewSql
{
    /// <summary>The query of a view, bound as a session with the default search path does.</summary>
    public static BoundQuery Bind(Definition definition, string text, ISchema schema)
    {
        var context = new BindContext(schema, SchemaNames.DefaultPath, new ParameterTypes([])) { User = definition.User, Text = text };
        return Binder.Bind((Syntax.Statement)Syntax.Parser.Parse(text)[0], text, context).Query;
    }

    public static string Of(Definition definition, Relation view, BoundQuery query, ISchema schema) =>
        Of(definition, view.SqliteName, view.Attributes.Select(column => column.Name), query, CatalogExpressions.Lowering(schema, ""));

    public static string Of(Definition definition, string sqliteName, IEnumerable<string> columns, BoundQuery query, LoweringContext lowering)
    {
        // Views that it reads stay names, since they may be replaced.
        if (Lowerer.Lower(query, lowering with { VolatileView = null }).Steps is not [{ Parameters.Count: 0 } step])
        {
            throw definition.NotSupported("this query in a view is");
        }

        // The view is a fence by itself for statements in SQLite's dialect.
        var text = VolatileStages.HasVolatileOutputs(query) ? QueryLowering.Fenced(step.Sql) : step.Sql;
        return $"CREATE VIEW {TableSql.Quote(sqliteName)} ({string.Join(", ", columns.Select(TableSql.Quote))}) AS {text}";
    }
}
