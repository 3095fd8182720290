using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Binds the CHECKs of a new table, and gives all constraints their names, in PostgreSQL's order: CHECKs, keys, foreign keys.</summary>
internal sealed class ConstraintNaming(Definition definition, TablePlan plan)
{
    private readonly HashSet<string> _inSchema = definition.ConstraintNames(plan.Schema);
    private readonly HashSet<string> _ofTable = new(plan.Existing?.Constraints.Select(constraint => constraint.Name) ?? [], StringComparer.Ordinal);

    public void Run(List<TableConstraint> checks)
    {
        foreach (var check in checks)
        {
            plan.Checks.Add(Bind(check));
        }

        foreach (var key in plan.Keys)
        {
            NameKey(key);
        }

        foreach (var key in plan.ForeignKeys)
        {
            key.Name = key.Constraint.Name ?? ObjectNames.Choose(plan.Name, ObjectNames.JoinColumns(key.Columns), "fkey", IsConstraint);
            Require(key.Name);
        }
    }

    private CheckPlan Bind(TableConstraint check)
    {
        if (check.NoInherit)
        {
            throw definition.NotSupported("NO INHERIT is", check.Location);
        }

        var relation = plan.ToRelation();
        var value = ExpressionBinder.BindStandalone(check.Value!, relation, ExpressionKind.CheckConstraint, definition.Bind);
        var columns = new List<short>();
        BoundWalk.Visit(value, (node, _) =>
        {
            if (node is Var { Attribute: <= 0 } whole)
            {
                throw definition.NotSupported("CHECK with whole rows or system columns is", whole.Location);
            }

            if (node is Var v && !columns.Contains(v.Attribute))
            {
                columns.Add(v.Attribute);
            }

            return true;
        });
        var name = check.Name;
        if (name is null)
        {
            // The name has the column's if there is one alone, wherever the constraint was written.
            name = ObjectNames.Choose(
                plan.Name, columns.Count == 1 ? plan.Columns[columns[0] - 1].Attribute.Name : null, "check", IsConstraint);
        }
        else if (_ofTable.Contains(name))
        {
            throw plan.Existing is not null ? Taken(name) : definition.Error(SqlState.DuplicateObject, $"check constraint \"{name}\" already exists");
        }

        _ofTable.Add(name);
        return new CheckPlan(name, value, Deparser.Expression(value, definition.Schema, relation, definition.Names), [.. columns], false)
        {
            NotValid = check.NotValid && plan.Existing is not null,
        };
    }

    private void NameKey(KeyPlan key)
    {
        if (key.Written is { } written)
        {
            definition.RequireFree(plan.Schema, written, isType: false);
            Require(written);
            key.Name = written;
        }
        else
        {
            key.Name = key.Primary
                ? ObjectNames.Choose(plan.Name, null, "pkey", IsRelation)
                : ObjectNames.Choose(
                    plan.Name, ObjectNames.JoinColumns(key.Columns.Concat(key.Include).Select(column => column.Attribute.Name)), "key", IsRelation);
            _ofTable.Add(key.Name);
        }

        definition.RequireDistinct(plan.Schema, key.Name);
        if (plan.Keys.FirstOrDefault(other => other != key && key.Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase)) is { } same)
        {
            throw definition.NotSupported($"constraint \"{key.Name}\" beside \"{same.Name}\", whose name differs in the case of letters alone, is");
        }
    }

    private void Require(string name)
    {
        if (!_ofTable.Add(name))
        {
            throw Taken(name);
        }
    }

    private DialectException Taken(string name) =>
        definition.Error(SqlState.DuplicateObject, $"constraint \"{name}\" for relation \"{plan.Name}\" already exists");

    private bool IsConstraint(string name) => _ofTable.Contains(name) || _inSchema.Contains(name);

    private bool IsRelation(string name) => IsConstraint(name) || name == plan.Name || definition.IsTaken(plan.Schema, name)
        || plan.Columns.Exists(column => column.Sequence?.Name == name);
}
