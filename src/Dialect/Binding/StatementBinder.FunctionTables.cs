using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Functions in FROM.</summary>
internal sealed partial class StatementBinder
{
    /// <param name="Definition">Its column definition list; empty without one.</param>
    private readonly record struct TableCall(BoundExpression Value, string Name, NodeList<ColumnDefinition> Definition);

    private ScopeItem BindFunctionTable(FunctionTable table, Scope scope)
    {
        scope.LateralActive = true;
        var calls = new List<TableCall>();
        foreach (var function in table.Functions)
        {
            if (function is { Columns.Count: 0, Call: FunctionCall { Name: ["unnest"], Arguments.Count: > 1 } unnest } && IsPlain(unnest))
            {
                // UNNEST of several arrays is one call for each, side by side.
                foreach (var array in unnest.Arguments)
                {
                    calls.Add(BindTableCall(unnest with { Name = ["pg_catalog", "unnest"], Arguments = [array] }, [], scope));
                }

                continue;
            }

            calls.Add(BindTableCall(function.Call, function.Columns, scope));
            if (function.Columns.Count > 0 && table.Columns.Count > 0)
            {
                throw Error(
                    SqlState.SyntaxError, "multiple column definition lists are not allowed for the same function", table.Columns[0].Location);
            }
        }

        scope.LateralActive = false;
        CheckDefinition(table, calls.Count);
        if (table.Columns.Count > 0)
        {
            calls[0] = calls[0] with { Definition = table.Columns };
        }

        return AddFunctionTable(table, calls, scope);
    }

    private static bool IsPlain(FunctionCall call) => call is
    {
        Star: false, Distinct: false, Variadic: false, OrderBy.Count: 0, WithinGroup: false, Filter: null, Over: null,
    };

    private TableCall BindTableCall(Expression call, NodeList<ColumnDefinition> definition, Scope scope)
    {
        var lastSet = scope.LastSet;
        var value = BindExpression(call, scope, ExpressionKind.FromFunction);
        if (!ReferenceEquals(scope.LastSet, lastSet) && !ReferenceEquals(scope.LastSet, value))
        {
            throw Error(SqlState.FeatureNotSupported, "set-returning functions must appear at top level of FROM", Locations.Of(scope.LastSet));
        }

        return new TableCall(AssignCollations(value), OutputNames.Of(call, _subqueryNames), definition);
    }

    private void CheckDefinition(FunctionTable table, int count)
    {
        if (table.Columns.Count == 0)
        {
            return;
        }

        var location = table.Columns[0].Location;
        if (count != 1)
        {
            throw table.RowsFrom
                ? Error(
                    SqlState.SyntaxError, "ROWS FROM() with multiple functions cannot have a column definition list", location,
                    "Put a separate column definition list for each function inside ROWS FROM().")
                : Error(
                    SqlState.SyntaxError, "UNNEST() with multiple arguments cannot have a column definition list", location,
                    "Use separate UNNEST() calls inside ROWS FROM(), and attach a column definition list to each one.");
        }

        if (table.Ordinality)
        {
            throw Error(
                SqlState.SyntaxError, "WITH ORDINALITY cannot be used with a column definition list", location,
                "Put the column definition list inside ROWS FROM().");
        }
    }

    private ScopeItem AddFunctionTable(FunctionTable table, List<TableCall> calls, Scope scope)
    {
        var functions = new List<BoundTableFunction>();
        var fields = new List<RowField>();
        foreach (var call in calls)
        {
            var own = FieldsOfCall(call, table.Alias, calls.Count, scope);
            fields.AddRange(own);
            functions.Add(new BoundTableFunction(
                call.Value, ListOf(own.Select(f => f.Name)), ListOf(own.Select(f => f.Type)), ListOf(own.Select(f => f.Collation)),
                call.Definition.Count > 0));
        }

        if (table.Ordinality)
        {
            fields.Add(new RowField("ordinality", new PgType(PgTypes.Int8), 0));
        }

        var name = table.Alias?.Name ?? calls[0].Name;
        var names = NamesOfFields(name, table.Alias?.Columns ?? [], fields);
        var lateral = table.Lateral || BoundWalk.FindVar(calls.Select(c => c.Value), 0) is not null;
        var number = scope.Relations.Count + 1;
        return scope.Add(
            new FunctionEntry(table.Alias, name, names, ListOf(functions), table.Ordinality) { Lateral = lateral },
            [.. fields.Select((f, i) => f.Dropped ? default : new ScopeColumn(number, (short)(i + 1), f.Type, f.Collation))], inFrom: true);
    }

    /// <summary>Aliases go to the columns that are not dropped.</summary>
    private static NodeList<string> NamesOfFields(string name, NodeList<string> aliases, List<RowField> fields)
    {
        var names = new string[fields.Count];
        var used = 0;
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = fields[i].Dropped ? "" : used < aliases.Count ? aliases[used++] : fields[i].Name;
        }

        return used < aliases.Count ? throw TooManyAliases("table", name, fields.Count(f => !f.Dropped), aliases.Count) : [.. names];
    }

    /// <summary>The columns that a function gives.</summary>
    private RowField[] FieldsOfCall(TableCall call, TableAlias? alias, int count, Scope scope)
    {
        var type = call.Value.Type.Oid;
        var fields = IsRowType(type) ? FieldsOf(call.Value, scope) : null;
        if (call.Definition.Count > 0)
        {
            if (!IsRowType(type))
            {
                throw Error(
                    SqlState.SyntaxError, "a column definition list is only allowed for functions returning \"record\"",
                    call.Definition[0].Location);
            }

            if (fields is not null)
            {
                throw Error(
                    SqlState.SyntaxError, type == PgTypes.Record
                        ? "a column definition list is redundant for a function with OUT parameters"
                        : "a column definition list is redundant for a function returning a named composite type",
                    call.Definition[0].Location);
            }

            return ReadDefinition(call.Definition);
        }

        if (fields is not null)
        {
            return fields;
        }

        if (type == PgTypes.Record)
        {
            throw Error(
                SqlState.SyntaxError, "a column definition list is required for functions returning \"record\"", Locations.Of(call.Value));
        }

        return PgTypes.Find(type) is { Kind: 'p' } && type is not (PgTypes.Void or PgTypes.CString)
            ? throw Error(
                SqlState.DatatypeMismatch, $"function \"{call.Name}\" in FROM has unsupported return type {_types.Format(type)}",
                Locations.Of(call.Value))
            : [new RowField(ScalarName(call, alias, count), call.Value.Type, call.Value.Collation)];
    }

    /// <summary>The name of a scalar's column: that of the only output parameter, the alias, or the function's.</summary>
    private static string ScalarName(TableCall call, TableAlias? alias, int count)
    {
        if (call.Value is FuncExpr { Function: { Modes.Length: > 0 } function })
        {
            string[] outputs = [.. function.Names.Where((_, i) => function.Modes[i] is 'o' or 'b' or 't')];
            if (outputs is [{ Length: > 0 } output] && function.Modes.Count(m => m is 'o' or 'b' or 't') == 1)
            {
                return output;
            }
        }

        return count == 1 && alias is not null ? alias.Name : call.Name;
    }

    private RowField[] ReadDefinition(NodeList<ColumnDefinition> definition)
    {
        var fields = new List<RowField>();
        foreach (var column in definition)
        {
            if (column.Type!.SetOf)
            {
                throw Error(SqlState.InvalidTableDefinition, $"column \"{column.Name}\" cannot be declared SETOF", column.Location);
            }

            if (fields.Exists(f => f.Name == column.Name))
            {
                throw Error(SqlState.DuplicateColumn, $"column name \"{column.Name}\" specified more than once");
            }

            var type = _resolver.Type(column.Type);
            if (PgTypes.Find(type.Oid) is { Kind: 'p' } && type.Oid is not (PgTypes.Record or PgTypes.RecordArray))
            {
                throw Error(SqlState.InvalidTableDefinition, $"column \"{column.Name}\" has pseudo-type {_types.Format(type.Oid)}");
            }

            fields.Add(new RowField(column.Name, type, CollationOf(column, type)));
        }

        return [.. fields];
    }

    private uint CollationOf(ColumnDefinition column, PgType type)
    {
        var own = _types.CollationOf(type.Oid);
        return column.Collation is null ? own
            : own == 0 ? throw Error(
                SqlState.DatatypeMismatch, $"collations are not supported by type {_types.Format(type.Oid)}", column.CollationLocation)
            : _resolver.Collation(column.Collation, column.CollationLocation);
    }
}
