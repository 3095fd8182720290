namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Writer
{
    private void WritePrivileges(NodeList<Privilege> privileges) => WriteList(privileges, privilege =>
    {
        Add(privilege.Name switch
        {
            null => "ALL PRIVILEGES",
            "select" or "references" or "create" or "alter system" => privilege.Name.ToUpperInvariant(),
            var name => Quote(name),
        });
        WriteColumns(privilege.Columns);
    });

    private void WriteGrant(GrantStatement grant)
    {
        Add(grant.Revoke ? "REVOKE" : "GRANT");
        AddIf(grant.Revoke && grant.GrantOption, "GRANT OPTION FOR");
        AddIf(grant.Privileges.Count == 0, "ALL PRIVILEGES");
        WritePrivileges(grant.Privileges);
        Add("ON");
        if (grant.AllInSchema)
        {
            Add("ALL " + WordsOf(grant.Kind) + "S IN SCHEMA");
        }
        else
        {
            Add(grant.Kind == ObjectKind.ForeignServer ? "FOREIGN SERVER" : WordsOf(grant.Kind));
        }

        WriteList(grant.Objects, o =>
        {
            if (grant.Kind == ObjectKind.Parameter)
            {
                WriteSettingName(o.Names[0]);
            }
            else
            {
                WriteObject(grant.AllInSchema ? ObjectKind.Schema : grant.Kind, o);
            }
        });
        WriteGrantees(grant.Revoke, grant.Grantees);
        AddIf(!grant.Revoke && grant.GrantOption, "WITH GRANT OPTION");
        WriteGrantedBy(grant.GrantedBy);
        WriteBehavior(grant.Behavior);
    }

    private void WriteGrantees(bool revoke, NodeList<RoleName> grantees)
    {
        Add(revoke ? "FROM" : "TO");
        WriteList(grantees, WriteRole);
    }

    private void WriteGrantedBy(RoleName? by)
    {
        if (by is not null)
        {
            Add("GRANTED BY");
            WriteRole(by);
        }
    }

    private void WriteGrantRole(GrantRoleStatement grant)
    {
        Add(grant.Revoke ? "REVOKE" : "GRANT");
        AddIf(grant.Revoke && grant.AdminOption, "ADMIN OPTION FOR");
        WritePrivileges(grant.Roles);
        WriteGrantees(grant.Revoke, grant.Grantees);
        AddIf(!grant.Revoke && grant.AdminOption, "WITH ADMIN OPTION");
        WriteGrantedBy(grant.GrantedBy);
        WriteBehavior(grant.Behavior);
    }

    private void WriteRoleStatement(Statement statement)
    {
        switch (statement)
        {
            case CreateRoleStatement c:
                Add("CREATE " + c.Kind);
                AddName(c.Name);
                WriteRoleOptions(c.Options);
                break;
            case AlterRoleStatement { Add: { } add } a:
                Add("ALTER GROUP");
                WriteRole(a.Role);
                Add(add ? "ADD USER" : "DROP USER");
                WriteList(((ValueList)a.Options[0].Value!).Items, WriteOptionValue);
                break;
            case AlterRoleStatement a:
                Add("ALTER ROLE");
                WriteRole(a.Role);
                WriteRoleOptions(a.Options);
                break;
            case AlterRoleSetStatement a:
                Add("ALTER ROLE");
                if (a.Role is { } role)
                {
                    WriteRole(role);
                }
                else
                {
                    Add("ALL");
                }

                WriteWord("IN DATABASE", a.Database);
                WriteSet(a.Setting);
                break;
            case DropRoleStatement d:
                Add("DROP ROLE");
                AddIf(d.IfExists, "IF EXISTS");
                WriteList(d.Roles, WriteRole);
                break;
        }
    }

    private void WriteRoleOptions(NodeList<Option> options)
    {
        foreach (var option in options)
        {
            WriteRoleOption(option);
        }
    }

    private void WriteRoleOption(Option option)
    {
        if (option.Value is ValueList list)
        {
            Add(option.Name switch
            {
                "rolemembers" => "USER",
                "adminmembers" => "ADMIN",
                _ => "IN ROLE",
            });
            WriteList(list.Items, WriteOptionValue);
            return;
        }

        if (option.Value is Constant { Kind: ConstantKind.Boolean } flag)
        {
            var word = option.Name switch
            {
                "isreplication" => "REPLICATION",
                "canlogin" => "LOGIN",
                _ => option.Name.ToUpperInvariant(),
            };
            Add(flag.Text == "true" ? word : "NO" + word);
            return;
        }

        Add(option.Name switch
        {
            "connectionlimit" => "CONNECTION LIMIT",
            "validUntil" => "VALID UNTIL",
            _ => option.Name.ToUpperInvariant(),
        });
        AddIf(option.Value is null, "NULL");
        WriteOptionValue(option.Value);
    }
}
