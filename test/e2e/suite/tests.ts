import './tree.test';
import './enter.test';
import './dump.test';
import './diagram.test';
import './hosts.test';
import './tunnels.test';
import './badInput.test';
import './look.test';
