using System.Globalization;

namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WriteAlterTable(AlterTableStatement statement)
    {
        Add("ALTER");
        Add(WordsOf(statement.Kind));
        AddIf(statement.IfExists, "IF EXISTS");
        WriteRelation(statement.Name);
        WriteList(statement.Commands, command =>
        {
            if (statement.Kind == ObjectKind.Type)
            {
                WriteAttributeChange(command);
            }
            else
            {
                WriteCommand(command);
            }

            WriteBehavior(command.Behavior);
        });
    }

    private void WriteAttributeChange(AlterTableCommand command)
    {
        switch (command.Action)
        {
            case AlterTableAction.AddColumn:
                Add("ADD ATTRIBUTE");
                WriteColumnDefinition(command.Column!);
                break;
            case AlterTableAction.DropColumn:
                Add("DROP ATTRIBUTE");
                AddIf(command.IfExists, "IF EXISTS");
                AddName(command.Name!);
                break;
            default:
                WriteWord("ALTER ATTRIBUTE", command.Name);
                Add("TYPE");
                WriteType(command.Type!);
                WriteCollation(command.Collation);
                break;
        }
    }

    private void WriteCommand(AlterTableCommand command)
    {
        switch (command.Action)
        {
            case AlterTableAction.AddColumn:
                Add("ADD COLUMN");
                AddIf(command.IfNotExists, "IF NOT EXISTS");
                WriteColumnDefinition(command.Column!);
                break;
            case AlterTableAction.DropColumn or AlterTableAction.DropConstraint:
                Add(command.Action == AlterTableAction.DropColumn ? "DROP COLUMN" : "DROP CONSTRAINT");
                AddIf(command.IfExists, "IF EXISTS");
                AddName(command.Name!);
                break;
            case AlterTableAction.AddConstraint:
                Add("ADD");
                WriteTableConstraint(command.Constraint!);
                break;
            case AlterTableAction.AlterConstraint:
                WriteWord("ALTER CONSTRAINT", command.Name);
                WriteConstraintAttributes(command.Constraint!);
                break;
            case AlterTableAction.ValidateConstraint:
                WriteWord("VALIDATE CONSTRAINT", command.Name);
                break;
            case >= AlterTableAction.SetDefault and <= AlterTableAction.AlterColumnForeignOptions:
                WriteColumnChange(command);
                break;
            case AlterTableAction.EnableTrigger or AlterTableAction.DisableTrigger or AlterTableAction.EnableRule or AlterTableAction.DisableRule:
                WriteEnable(command);
                break;
            case AlterTableAction.AttachPartition or AlterTableAction.DetachPartition:
                Add(command.Action == AlterTableAction.AttachPartition ? "ATTACH PARTITION" : "DETACH PARTITION");
                WriteName(command.Relation!.Parts);
                if (command.Bound is { } bound)
                {
                    WritePartitionBound(bound);
                }

                AddIf(command.Variant is not null, command.Variant ?? "");
                break;
            default:
                WriteTableChange(command);
                break;
        }
    }

    private void WriteColumnChange(AlterTableCommand command)
    {
        Add("ALTER COLUMN");
        Add(command.Name is { } name ? Quote(name) : command.Number!.Value.ToString(CultureInfo.InvariantCulture));
        switch (command.Action)
        {
            case AlterTableAction.SetDefault:
                WriteWhere("SET DEFAULT", command.Value);
                break;
            case AlterTableAction.DropDefault:
                Add("DROP DEFAULT");
                break;
            case AlterTableAction.SetNotNull:
                Add("SET NOT NULL");
                break;
            case AlterTableAction.DropNotNull:
                Add("DROP NOT NULL");
                break;
            case AlterTableAction.DropExpression or AlterTableAction.DropIdentity:
                Add(command.Action == AlterTableAction.DropExpression ? "DROP EXPRESSION" : "DROP IDENTITY");
                AddIf(command.IfExists, "IF EXISTS");
                break;
            case AlterTableAction.SetStatistics:
                WriteWhere("SET STATISTICS", command.Value);
                break;
            case AlterTableAction.SetColumnOptions or AlterTableAction.ResetColumnOptions:
                Add(command.Action == AlterTableAction.SetColumnOptions ? "SET" : "RESET");
                WriteReloptions(command.Options);
                break;
            case AlterTableAction.SetStorage:
                WriteWord("SET STORAGE", command.Variant);
                break;
            case AlterTableAction.SetCompression:
                Add("SET COMPRESSION");
                Add(command.Variant == "default" ? "DEFAULT" : Quote(command.Variant!));
                break;
            case AlterTableAction.AddIdentity:
                Add("ADD");
                WriteIdentity(command.Constraint!);
                break;
            case AlterTableAction.AlterIdentity:
                foreach (var option in command.Sequence)
                {
                    AddIf(option.Kind != SequenceOptionKind.Restart, "SET");
                    WriteSequenceOptions([option]);
                }

                break;
            case AlterTableAction.AlterColumnForeignOptions:
                WriteForeignOptions(command.Options);
                break;
            default:
                Add("TYPE");
                WriteType(command.Type!);
                WriteCollation(command.Collation);
                WriteWhere("USING", command.Value);
                break;
        }
    }

    private void WriteEnable(AlterTableCommand command)
    {
        Add(command.Action is AlterTableAction.EnableTrigger or AlterTableAction.EnableRule ? "ENABLE" : "DISABLE");
        AddIf(command.Variant is "ALWAYS" or "REPLICA", command.Variant ?? "");
        Add(command.Action is AlterTableAction.EnableTrigger or AlterTableAction.DisableTrigger ? "TRIGGER" : "RULE");
        Add(command.Name is { } name ? Quote(name) : command.Variant!);
    }

    private void WriteTableChange(AlterTableCommand command)
    {
        switch (command.Action)
        {
            case AlterTableAction.ClusterOn:
                WriteWord("CLUSTER ON", command.Name);
                break;
            case AlterTableAction.SetTablespace:
                WriteWord("SET TABLESPACE", command.Name);
                break;
            case AlterTableAction.SetAccessMethod:
                WriteWord("SET ACCESS METHOD", command.Name);
                break;
            case AlterTableAction.Inherit or AlterTableAction.NoInherit:
                Add(command.Action == AlterTableAction.Inherit ? "INHERIT" : "NO INHERIT");
                WriteName(command.Relation!.Parts);
                break;
            case AlterTableAction.OfType:
                Add("OF");
                WriteName(command.Type!.Names);
                break;
            case AlterTableAction.OwnerTo:
                Add("OWNER TO");
                WriteRole(command.Owner!);
                break;
            case AlterTableAction.SetOptions or AlterTableAction.ResetOptions:
                Add(command.Action == AlterTableAction.SetOptions ? "SET" : "RESET");
                WriteReloptions(command.Options);
                break;
            case AlterTableAction.ReplicaIdentity:
                Add("REPLICA IDENTITY");
                Add(command.Name is { } index ? "USING INDEX " + Quote(index) : command.Variant!);
                break;
            case AlterTableAction.ForeignOptions:
                WriteForeignOptions(command.Options);
                break;
            default:
                Add(command.Action switch
                {
                    AlterTableAction.SetWithoutOids => "SET WITHOUT OIDS",
                    AlterTableAction.SetWithoutCluster => "SET WITHOUT CLUSTER",
                    AlterTableAction.SetLogged => "SET LOGGED",
                    AlterTableAction.SetUnlogged => "SET UNLOGGED",
                    AlterTableAction.NotOf => "NOT OF",
                    AlterTableAction.EnableRowSecurity => "ENABLE ROW LEVEL SECURITY",
                    AlterTableAction.DisableRowSecurity => "DISABLE ROW LEVEL SECURITY",
                    AlterTableAction.ForceRowSecurity => "FORCE ROW LEVEL SECURITY",
                    _ => "NO FORCE ROW LEVEL SECURITY",
                });
                break;
        }
    }
}
