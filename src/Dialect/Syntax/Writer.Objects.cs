namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    /// <summary>The words that name a kind of object.</summary>
    internal static string WordsOf(ObjectKind kind) => kind switch
    {
        ObjectKind.AccessMethod => "ACCESS METHOD",
        ObjectKind.EventTrigger => "EVENT TRIGGER",
        ObjectKind.ForeignDataWrapper => "FOREIGN DATA WRAPPER",
        ObjectKind.ForeignServer => "SERVER",
        ObjectKind.ForeignTable => "FOREIGN TABLE",
        ObjectKind.LargeObject => "LARGE OBJECT",
        ObjectKind.MaterializedView => "MATERIALIZED VIEW",
        ObjectKind.OperatorClass => "OPERATOR CLASS",
        ObjectKind.OperatorFamily => "OPERATOR FAMILY",
        ObjectKind.TableConstraint or ObjectKind.DomainConstraint => "CONSTRAINT",
        ObjectKind.TextSearchConfiguration => "TEXT SEARCH CONFIGURATION",
        ObjectKind.TextSearchDictionary => "TEXT SEARCH DICTIONARY",
        ObjectKind.TextSearchParser => "TEXT SEARCH PARSER",
        ObjectKind.TextSearchTemplate => "TEXT SEARCH TEMPLATE",
        _ => kind.ToString().ToUpperInvariant(),
    };

    private void WriteObject(ObjectKind kind, ObjectName name)
    {
        switch (kind)
        {
            case ObjectKind.Operator:
                WriteAnyOperator(name.Names);
                WriteArguments(name.Arguments!);
                break;
            case ObjectKind.Cast:
                Open();
                WriteType(name.Type!);
                Add("AS");
                WriteType(name.Target!);
                Close();
                break;
            case ObjectKind.Transform:
                Add("FOR");
                WriteType(name.Type!);
                Add("LANGUAGE");
                AddName(name.Names[0]);
                break;
            case ObjectKind.LargeObject:
                Add(name.Names[0]);
                break;
            case ObjectKind.OperatorClass or ObjectKind.OperatorFamily:
                WriteName(name.Names);
                Add("USING");
                WriteName(name.On!);
                break;
            case ObjectKind.Type or ObjectKind.Domain when name.Type is not null:
                WriteType(name.Type);
                break;
            case ObjectKind.Policy or ObjectKind.Rule or ObjectKind.Trigger or ObjectKind.TableConstraint or ObjectKind.DomainConstraint:
                WriteName(name.Names);
                Add(kind == ObjectKind.DomainConstraint ? "ON DOMAIN" : "ON");
                WriteName(name.On!);
                break;
            default:
                WriteName(name.Names);
                WriteOptionalArguments(name);
                break;
        }
    }

    private void WriteOptionalArguments(ObjectName name)
    {
        if (name.Star)
        {
            Add("(*)");
        }
        else if (name.OrderBy is { } ordered)
        {
            Open();
            WriteList(name.Arguments!, WriteOperand);
            Add("ORDER BY");
            WriteList(ordered, WriteOperand);
            Close();
        }
        else if (name.Arguments is { } arguments)
        {
            WriteArguments(arguments);
        }
    }

    private void WriteArguments(NodeList<FunctionParameter?> arguments) => WriteParenthesized(arguments, WriteOperand);

    private void WriteOperand(FunctionParameter? operand)
    {
        if (operand is null)
        {
            Add("NONE");
        }
        else
        {
            WriteParameter(operand);
        }
    }

    private bool WriteObjectStatement(Statement statement)
    {
        switch (statement)
        {
            case DropStatement d:
                WriteDrop(d);
                return true;
            case CommentStatement c:
                Add("COMMENT ON");
                Add(WordsOf(c.Kind));
                WriteObject(c.Kind, c.Object);
                Add("IS");
                Add(c.Text is { } text ? Literal(text) : "NULL");
                return true;
            case RenameStatement r:
                WriteRename(r);
                return true;
            case AlterOwnerStatement a:
                Add("ALTER");
                Add(WordsOf(a.Kind));
                WriteObject(a.Kind, a.Object);
                Add("OWNER TO");
                WriteRole(a.Owner);
                return true;
            case AlterSchemaStatement a:
                Add("ALTER");
                Add(WordsOf(a.Kind));
                AddIf(a.IfExists, "IF EXISTS");
                AddIf(a.Only, "ONLY");
                WriteObject(a.Kind, a.Object);
                Add("SET SCHEMA");
                AddName(a.Schema);
                return true;
            case AlterDependsStatement a:
                Add("ALTER");
                Add(WordsOf(a.Kind));
                WriteObject(a.Kind, a.Object);
                Add(a.Remove ? "NO DEPENDS ON EXTENSION" : "DEPENDS ON EXTENSION");
                AddName(a.Extension);
                return true;
            case CreateRoleStatement or AlterRoleStatement or AlterRoleSetStatement or DropRoleStatement:
                WriteRoleStatement(statement);
                return true;
            case GrantStatement g:
                WriteGrant(g);
                return true;
            case GrantRoleStatement g:
                WriteGrantRole(g);
                return true;
            case AlterTableStatement a:
                WriteAlterTable(a);
                return true;
            case MoveTablespaceStatement m:
                Add("ALTER " + WordsOf(m.Kind) + " ALL IN TABLESPACE");
                AddName(m.From);
                if (m.Owners.Count > 0)
                {
                    Add("OWNED BY");
                    WriteList(m.Owners, WriteRole);
                }

                Add("SET TABLESPACE");
                AddName(m.To);
                AddIf(m.NoWait, "NOWAIT");
                return true;
            case AlterDomainStatement d:
                WriteAlterDomain(d);
                return true;
            default:
                return false;
        }
    }

    private void WriteDrop(DropStatement drop)
    {
        Add("DROP");
        Add(WordsOf(drop.Kind));
        AddIf(drop.Concurrently, "CONCURRENTLY");
        AddIf(drop.IfExists, "IF EXISTS");
        WriteList(drop.Objects, o => WriteObject(drop.Kind, o));
        AddIf(drop.Options.Count > 0, "(" + string.Join(", ", drop.Options.Select(o => o.Name.ToUpperInvariant())) + ")");
        WriteBehavior(drop.Behavior);
    }

    private void WriteRename(RenameStatement rename)
    {
        Add("ALTER");
        switch (rename.Kind)
        {
            case ObjectKind.Column or ObjectKind.TableConstraint:
                Add(WordsOf(rename.RelationKind));
                AddIf(rename.IfExists, "IF EXISTS");
                AddIf(rename.Only, "ONLY");
                WriteName(rename.Object.On!);
                Add(rename.Kind == ObjectKind.Column ? "RENAME COLUMN" : "RENAME CONSTRAINT");
                AddName(rename.Object.Names[0]);
                break;
            case ObjectKind.Attribute or ObjectKind.DomainConstraint:
                Add(rename.Kind == ObjectKind.Attribute ? "TYPE" : "DOMAIN");
                WriteName(rename.Object.On!);
                Add(rename.Kind == ObjectKind.Attribute ? "RENAME ATTRIBUTE" : "RENAME CONSTRAINT");
                AddName(rename.Object.Names[0]);
                break;
            default:
                Add(WordsOf(rename.Kind));
                AddIf(rename.IfExists, "IF EXISTS");
                AddIf(rename.Only, "ONLY");
                WriteObject(rename.Kind, rename.Object);
                Add("RENAME");
                break;
        }

        Add("TO");
        AddName(rename.NewName);
        WriteBehavior(rename.Behavior);
    }

    private void WriteAlterDomain(AlterDomainStatement domain)
    {
        Add("ALTER DOMAIN");
        WriteName(domain.Name.Parts);
        switch (domain.Action)
        {
            case AlterDomainAction.SetDefault:
                WriteWhere("SET DEFAULT", domain.Value);
                break;
            case AlterDomainAction.DropDefault:
                Add("DROP DEFAULT");
                break;
            case AlterDomainAction.SetNotNull:
                Add("SET NOT NULL");
                break;
            case AlterDomainAction.DropNotNull:
                Add("DROP NOT NULL");
                break;
            case AlterDomainAction.AddConstraint:
                Add("ADD");
                WriteTableConstraint(domain.Constraint!);
                break;
            case AlterDomainAction.DropConstraint:
                Add("DROP CONSTRAINT");
                AddIf(domain.IfExists, "IF EXISTS");
                AddName(domain.ConstraintName!);
                WriteBehavior(domain.Behavior);
                break;
            default:
                Add("VALIDATE CONSTRAINT");
                AddName(domain.ConstraintName!);
                break;
        }
    }
}
