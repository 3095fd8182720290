using System.Globalization;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Defaults, identity and generated columns of the table that is written to (PostgreSQL's rewriteTargetListIU).</summary>
internal sealed partial class StatementBinder
{
    private const string NextValue = "nextval(regclass)";

    /// <summary>
    /// Replaces DEFAULT by the columns' defaults, and adds those of the columns that are not named. SQLite's own defaults are never left to
    /// act: it ignores them for a primary key that is its row ID.
    /// </summary>
    private BoundQuery CompleteInsert(BoundQuery query, Relation relation)
    {
        var given = query.Targets.GroupBy(target => target.Number).ToDictionary(
            group => group.Key, group => group.First() with { Value = Merge([.. group], group.First().Name!) });
        var rows = new ValuesRows(query);
        var targets = new List<TargetEntry>();
        foreach (var column in relation.Attributes)
        {
            if (column.Dropped)
            {
                continue;
            }

            var target = given.GetValueOrDefault(column.Number);
            var useDefault = target is null || target.Value is SetToDefaultExpr || rows.AllDefault(target);
            useDefault |= CheckInserted(column, query.Overriding, useDefault);
            if (column.Generated)
            {
                continue;
            }

            if (useDefault)
            {
                if (DefaultOf(column, relation) is { } value)
                {
                    targets.Add(new TargetEntry(value, column.Number, column.Name));
                }
            }
            else
            {
                rows.ReplaceDefaults(target!, () => DefaultOf(column, relation) ?? NullOf(column.Type));
                targets.Add(target!);
            }
        }

        return query with { Targets = ListOf(targets), Relations = rows.Relations };
    }

    /// <summary>True if a value that was given is to be replaced by the default.</summary>
    private static bool CheckInserted(Attribute column, Overriding overriding, bool isDefault)
    {
        if (isDefault)
        {
            return false;
        }

        if (column.Generated)
        {
            throw Error(
                SqlState.GeneratedAlways, $"cannot insert a non-DEFAULT value into column \"{column.Name}\"",
                detail: $"Column \"{column.Name}\" is a generated column.");
        }

        return column.Identity switch
        {
            IdentityKind.Always when overriding == Overriding.None => throw Error(
                SqlState.GeneratedAlways, $"cannot insert a non-DEFAULT value into column \"{column.Name}\"",
                "Use OVERRIDING SYSTEM VALUE to override.",
                $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS."),
            IdentityKind.Always or IdentityKind.ByDefault => overriding == Overriding.User,
            _ => false,
        };
    }

    private NodeList<TargetEntry> CompleteUpdate(NodeList<TargetEntry> targets, Relation relation)
    {
        var result = new List<TargetEntry>();
        foreach (var column in relation.Attributes)
        {
            TargetEntry[] assigned = [.. targets.Where(target => target.Number == column.Number)];
            if (column.Dropped || assigned.Length == 0)
            {
                continue;
            }

            assigned[0] = assigned[0] with { Value = Merge(assigned, column.Name) };
            var isDefault = assigned[0].Value is SetToDefaultExpr;
            if (!isDefault && (column.Generated || column.Identity == IdentityKind.Always))
            {
                throw Error(
                    SqlState.GeneratedAlways, $"column \"{column.Name}\" can only be updated to DEFAULT",
                    detail: column.Generated
                        ? $"Column \"{column.Name}\" is a generated column."
                        : $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS.");
            }

            if (!column.Generated)
            {
                result.Add(isDefault ? assigned[0] with { Value = DefaultOf(column, relation) ?? NullOf(column.Type) } : assigned[0]);
            }
        }

        return ListOf(result);
    }

    /// <summary>A column's default: its identity, its own expression or that of its domain. Null for none, which is NULL.</summary>
    private BoundExpression? DefaultOf(Attribute column, Relation relation)
    {
        if (column.Identity != IdentityKind.None && column.OwnedSequence is { } sequence)
        {
            return _resolver.Coerce(
                NextValueOf(sequence, relation), column.Type, CoercionContext.Assignment, CallForm.ImplicitCast, Location.None);
        }

        if ((column.Default ?? _types.FindOwn(column.Type.Oid)?.Default) is { } text)
        {
            return ExpressionBinder.BindDefault(Parser.ParseExpression(text), column.Name, column.Type, ContextOf(text));
        }

        return _types.IsDomain(column.Type.Oid) ? NullOf(column.Type) : null;
    }

    /// <summary>The context of an expression of the catalog.</summary>
    private BindContext ContextOf(string text) => new(_context.Schema, _context.SearchPath, new ParameterTypes([]))
    {
        User = _context.User,
        Database = _context.Database,
        Text = text,
    };

    private FuncExpr NextValueOf(string sequence, Relation table)
    {
        var function = Builtins.FindFunction(NextValue)!;
        var found = _context.Schema.FindRelation(table.Schema, sequence);
        var name = new Const(
            found?.Oid.ToString(CultureInfo.InvariantCulture) ?? sequence, new PgType(PgTypes.RegClass), 0, Location.None);
        return new FuncExpr(function, [name], CallForm.Call, false, new PgType(PgTypes.Int8), 0, 0, Location.None);
    }

    /// <summary>NULL as a value of a column; a domain still checks it.</summary>
    private BoundExpression NullOf(PgType type) => _resolver.Coerce(
        new Const(null, new PgType(PgTypes.Unknown), 0, Location.None), type, CoercionContext.Implicit, CallForm.ImplicitCast, Location.None)!;
}
