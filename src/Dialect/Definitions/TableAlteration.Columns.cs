using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Catalog.Deparsing;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <content>Columns that come and go, and their attributes.</content>
internal sealed partial class TableAlteration
{
    private void AddColumn(AlterTableCommand command)
    {
        var name = command.Column!.Name;
        var message = $"column \"{name}\" of relation \"{Table.Name}\" already exists";
        var others = Table.Attributes.Where(column => !column.Dropped).Select(column => column.Name).ToArray();
        if (command.IfNotExists && others.Contains(name))
        {
            definition.Notify(SqlState.DuplicateColumn, message + ", skipping");
            return;
        }

        definition.RequireFreeColumn(others, name, message);
        AddElement(command.Column);
    }

    private void DropColumn(AlterTableCommand command)
    {
        var name = command.Name!;
        if (SystemColumns.Is(name))
        {
            throw definition.Error(SqlState.FeatureNotSupported, $"cannot drop system column \"{name}\"");
        }

        var column = Table.Attributes.FirstOrDefault(other => other.Name == name && !other.Dropped);
        if (column is not null)
        {
            Drop(new ObjectAddress(ClassOids.PgClass, Table.Oid, column.Number), command.Behavior);
        }
        else if (command.IfExists)
        {
            definition.Notify("00000", $"column \"{name}\" of relation \"{Table.Name}\" does not exist, skipping");
        }
        else
        {
            Column(name);
        }
    }

    /// <summary>Drops a part of the table with what depends on it.</summary>
    private void Drop(ObjectAddress address, DropBehavior behavior)
    {
        var steps = new DropSteps(definition, DropTargets.Find(definition, [address], behavior)) { Altered = Table.Oid };
        steps.Write();
        steps.Apply(_change);
    }

    private void SetDefault(string name, Expression written) => Definition.WithoutPosition(() => SetDefaultOf(name, written));

    private void SetDefaultOf(string name, Expression written)
    {
        var column = ChangeableColumn(name);
        RequirePlain(column, dropping: false);
        var value = ExpressionBinder.BindDefault(written, column.Name, column.Type, definition.Bind);
        if (value is Const { Text: null } && definition.Schema.FindType(column.Type.Oid)?.Kind != 'd')
        {
            _change.SetColumn(column with { Default = null, DefaultOid = 0 });
            return;
        }

        _change.SetColumn(column with
        {
            Default = Deparser.Expression(value, definition.Schema, Table, definition.Names),
            DefaultOid = definition.Fresh(),
        });
    }

    private void DropDefault(string name)
    {
        var column = ChangeableColumn(name);
        RequirePlain(column, dropping: true);
        if (column.Default is not null)
        {
            _change.SetColumn(column with { Default = null, DefaultOid = 0 });
        }
    }

    private void RequirePlain(Catalog.Attribute column, bool dropping)
    {
        if (column.Identity != IdentityKind.None)
        {
            throw definition.Error(
                SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{Table.Name}\" is an identity column",
                hint: dropping ? "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead." : null);
        }

        if (column.Generated)
        {
            throw definition.Error(
                SqlState.SyntaxError, $"column \"{column.Name}\" of relation \"{Table.Name}\" is a generated column",
                hint: dropping ? "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead." : null);
        }
    }

    private void SetNotNull(string name)
    {
        var column = ChangeableColumn(name);
        if (!column.NotNull)
        {
            _change.SetColumn(column with { NotNull = true });
            _change.CheckNotNull(column.Number);
        }
    }

    private void DropNotNull(string name)
    {
        var column = ChangeableColumn(name);
        if (!column.NotNull)
        {
            return;
        }

        if (column.Identity != IdentityKind.None)
        {
            throw definition.Error(SqlState.SyntaxError, $"column \"{name}\" of relation \"{Table.Name}\" is an identity column");
        }

        if (Table.Indexes.Any(index => index.Primary && index.Columns.Take(index.KeyCount).Contains(column.Number)))
        {
            throw definition.Error(SqlState.InvalidTableDefinition, $"column \"{name}\" is in a primary key");
        }

        _change.SetColumn(column with { NotNull = false });
    }

    private void DropExpression(AlterTableCommand command)
    {
        var column = ChangeableColumn(command.Name!);
        if (column.Generated)
        {
            // The rows keep the values; SQLite stores them as it stores others.
            _change.Copy();
            _change.SetColumn(column with { Generated = false, Default = null, DefaultOid = 0 });
            return;
        }

        NotInState($"column \"{column.Name}\" of relation \"{Table.Name}\" is not a stored generated column", command.IfExists);
    }

    private void NotInState(string message, bool ifExists)
    {
        if (!ifExists)
        {
            throw definition.Error(SqlState.ObjectNotInPrerequisiteState, message);
        }

        definition.Notify("00000", message + ", skipping");
    }
}
